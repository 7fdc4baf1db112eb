import { describe, expect, test } from "vitest";

import { failureOf, podNamed, podsPath, testServer, type TestServer } from "../testing.ts";

interface Amounts {
  readonly requests?: Readonly<Record<string, string | null>>;
  readonly limits?: Readonly<Record<string, string | null>>;
}

async function withPod(resources: Amounts, spec: Readonly<Record<string, unknown>> = {}): Promise<TestServer> {
  const api = testServer();
  await api.create("/api/v1/nodes", {
    metadata: { name: "n1" },
    status: { allocatable: { cpu: "1900m", memory: "4Gi" } },
  });
  await api.create(podsPath, podNamed("a", resources, spec));
  return api;
}

function resize(api: TestServer, resources: Amounts, extra: object = {}): ReturnType<TestServer["patch"]> {
  return api.patch(`${podsPath}/a/resize`, { ...extra, spec: { containers: [{ name: "c", resources }] } }, "strategic");
}

const burstable: Amounts = { requests: { cpu: "50m", memory: "10Mi" }, limits: { cpu: "100m", memory: "20Mi" } };

describe("pods/resize", () => {
  test("changes resources and the generation, and nothing else", async () => {
    const api = await withPod(burstable);
    const resized = await api.patch(
      `${podsPath}/a/resize`,
      {
        metadata: { labels: { x: "y" } },
        spec: {
          nodeName: "n1",
          containers: [{ name: "c", image: "other", resources: { requests: { cpu: "80m" }, limits: { cpu: "0.2" } } }],
        },
      },
      "strategic",
    );
    expect(resized.metadata).toMatchObject({ generation: 2 });
    expect(resized.metadata.labels).toBeUndefined();
    expect(resized.spec?.["nodeName"]).toBeUndefined();
    expect(resized.spec?.["containers"]).toMatchObject([
      {
        image: "app:1",
        resources: { requests: { cpu: "80m", memory: "10Mi" }, limits: { cpu: "200m", memory: "20Mi" } },
      },
    ]);
  });

  test.each<[string, Amounts, string, string]>([
    [
      "a limit below the request",
      { requests: { cpu: "200m" } },
      "spec.containers[0].resources.requests",
      'Invalid value: "200m": must be less than or equal to cpu limit of 100m',
    ],
    [
      "removing a limit",
      { limits: { cpu: null } },
      "spec.containers[0].resources.limits",
      "Forbidden: resource limits cannot be removed",
    ],
    [
      "another resource",
      { requests: { "ephemeral-storage": "1Gi" } },
      "spec",
      "Forbidden: only cpu and memory resources are mutable",
    ],
    [
      "another QoS class",
      { requests: { cpu: "100m", memory: "20Mi" } },
      "spec",
      'Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing',
    ],
    [
      "a negative amount",
      { requests: { cpu: "-5m" } },
      "spec.containers[0].resources.requests[cpu]",
      'Invalid value: "-5m": must be greater than or equal to 0',
    ],
  ])("refuses %s", async (_what, resources, field, message) => {
    const api = await withPod(burstable);
    const failure = await failureOf(resize(api, resources));
    expect(failure.status).toBe(422);
    expect(failure.causes).toContainEqual(expect.objectContaining({ field, message }));
    expect((await api.get(`${podsPath}/a`)).metadata.generation).toBe(1);
  });

  test("refuses an amount that is none, naming field and value", async () => {
    const failure = await failureOf(resize(await withPod(burstable), { requests: { cpu: "abc" } }));
    expect(failure.status).toBe(422);
    expect(failure.causes[0]).toMatchObject({ field: "spec.containers[0].resources.requests[cpu]" });
    expect(failure.message).toContain('Invalid value: "abc": quantities must match the regular expression');
  });

  test("refuses to add containers", async () => {
    const api = await withPod(burstable);
    const failure = await failureOf(
      api.patch(`${podsPath}/a/resize`, { spec: { containers: [{ name: "zz", resources: {} }] } }, "strategic"),
    );
    expect(failure.causes.map(({ message }) => message)).toEqual([
      "Required value",
      "Forbidden: containers may not be added or removed on resize",
    ]);
  });

  test("refuses static pods", async () => {
    const api = testServer();
    const mirror = {
      ...podNamed("a", burstable),
      metadata: { name: "a", annotations: { "kubernetes.io/config.mirror": "x" } },
    };
    await api.create(podsPath, mirror);
    expect((await failureOf(resize(api, { limits: { cpu: "200m" } }))).message).toContain(
      "static pods cannot be resized",
    );
  });

  test("refuses pods whose node reports no resources", async () => {
    const api = await withPod(burstable, { nodeName: "n1" });
    const status = { containerStatuses: [{ name: "c", state: { running: {} } }] };
    await api.patch(`${podsPath}/a/status`, { status }, "strategic");
    const failure = await failureOf(resize(api, { limits: { cpu: "200m" } }));
    expect(failure.message).toContain("Pod running on node without support for resize");
  });

  test("lets init containers through, sidecars and others (kubernetes#137352)", async () => {
    const init = (restartPolicy: object): object => ({
      name: "i",
      image: "app:1",
      resources: { requests: { cpu: "10m" } },
      ...restartPolicy,
    });
    const change = { spec: { initContainers: [{ name: "i", resources: { requests: { cpu: "20m" } } }] } };
    for (const kind of [{}, { restartPolicy: "Always" }]) {
      const api = await withPod(burstable, { initContainers: [init(kind)] });
      expect((await api.patch(`${podsPath}/a/resize`, change, "strategic")).metadata.generation).toBe(2);
    }
  });

  test("a request beyond the node is 403 NodeCapacity, a limit beyond it is not", async () => {
    const api = await withPod({ requests: { cpu: "50m" } }, { nodeName: "n1" });
    const failure = await failureOf(resize(api, { requests: { cpu: "64" } }));
    expect([failure.status, failure.reason, failure.causes]).toEqual([403, "Forbidden", [{ reason: "NodeCapacity" }]]);
    expect(failure.message).toBe(
      'pods "a" is forbidden: node didn\'t have enough allocatable resources: cpu, requested: 64000, allocatable: 1900',
    );
    expect((await resize(api, { limits: { cpu: "64" } })).metadata.generation).toBe(2);
  });

  test("a successor under the same name is not resized", async () => {
    const api = await withPod(burstable);
    const { uid } = (await api.get(`${podsPath}/a`)).metadata;
    await api.remove(`${podsPath}/a`);
    await api.create(podsPath, podNamed("a", burstable));
    const failure = await failureOf(resize(api, { limits: { cpu: "200m" } }, { metadata: { uid } }));
    expect(failure.causes[0]).toMatchObject({
      field: "metadata.uid",
      message: `Invalid value: "${uid}": field is immutable`,
    });
  });

  test.each([
    ["max", { max: { cpu: "1" } }, { limits: { cpu: "2" } }, "maximum cpu usage per Container is 1, but limit is 2"],
    [
      "min",
      { min: { cpu: "20m" } },
      { requests: { cpu: "10m" } },
      "minimum cpu usage per Container is 20m, but request is 10m",
    ],
    [
      "ratio",
      { maxLimitRequestRatio: { cpu: "10" } },
      { limits: { cpu: "800m" } },
      "cpu max limit to request ratio per Container is 10, but provided ratio is 16.000000",
    ],
  ])("a LimitRange's %s holds for resizes", async (_bound, limit, resources, why) => {
    const api = await withPod(burstable);
    await api.create("/api/v1/namespaces/default/limitranges", {
      metadata: { name: "lr" },
      spec: { limits: [{ type: "Container", ...limit }] },
    });
    const failure = await failureOf(resize(api, resources));
    expect([failure.status, failure.message]).toEqual([403, `pods "a" is forbidden: ${why}`]);
  });

  test("a ResourceQuota holds for resizes and creation, and tells what is used", async () => {
    const api = await withPod(burstable);
    const quotas = "/api/v1/namespaces/default/resourcequotas";
    await api.create(quotas, { metadata: { name: "rq" }, spec: { hard: { "requests.cpu": "60m", pods: "3" } } });
    expect((await api.get(`${quotas}/rq`)).status).toMatchObject({ used: { "requests.cpu": "50m", pods: "1" } });
    const over = await failureOf(resize(api, { requests: { cpu: "70m" } }));
    expect(over.message).toBe(
      'pods "a" is forbidden: exceeded quota: rq, requested: requests.cpu=20m, used: requests.cpu=50m, limited: requests.cpu=60m',
    );
    const bare = await failureOf(api.create(podsPath, podNamed("b")));
    expect(bare.message).toBe('pods "b" is forbidden: failed quota: rq: must specify requests.cpu for: c');
    await resize(api, { requests: { cpu: "55m" } });
    expect((await api.get(`${quotas}/rq`)).status).toMatchObject({ used: { "requests.cpu": "55m" } });
  });

  test("a LimitRange's defaults fill new pods", async () => {
    const api = testServer();
    const limits = [{ type: "Container", default: { cpu: "500m" }, defaultRequest: { cpu: "100m" } }];
    await api.create("/api/v1/namespaces/default/limitranges", { metadata: { name: "lr" }, spec: { limits } });
    const made = await api.create(podsPath, podNamed("a"));
    expect(made.spec?.["containers"]).toMatchObject([
      { resources: { limits: { cpu: "500m" }, requests: { cpu: "100m" } } },
    ]);
    expect(made.status?.["qosClass"]).toBe("Burstable");
  });
});
