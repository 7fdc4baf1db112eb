import { beforeAll, describe, expect, test } from "vitest";

import { resizePod } from "../patch.ts";
import { resources } from "../paths.ts";
import { type Amounts, burstable, pod } from "./bodies.ts";
import { boundsContract, resize } from "./resizeBounds.ts";
import { eventually, failureOf, type Scratch, type Thing } from "./scratch.ts";

/** KEP-1287: what a resize may change, and who else has a word in it. */
export function resizeContract(use: () => Scratch): void {
  describe("pods/resize", () => {
    changes(use);
    managers(use);
    boundaries(use);
    describe.each(illegal)("$what", (refusal) => refusals(use, refusal));
    sidecars(use);
    absentees(use);
    onNode(use);
  });
  describe("admission of pods/resize", () => boundsContract(use));
}

/** Of the first container, as far as FieldsV1 has it. */
function cpuFieldsOf(fieldsV1: unknown): unknown {
  const fields = fieldsV1 as { readonly "f:spec"?: { readonly "f:containers"?: object } } | undefined;
  const [first] = Object.values(fields?.["f:spec"]?.["f:containers"] ?? {}) as { readonly "f:resources"?: unknown }[];
  return first?.["f:resources"];
}

function cpuOf({ spec }: Thing): unknown {
  const containers = (spec?.["containers"] ?? []) as { readonly resources: Amounts }[];
  return containers[0]?.resources;
}

function changes(use: () => Scratch): void {
  test("sets CPU, leaves the rest, and counts the generation", async () => {
    const { metadata } = await use().create(resources.pod, pod("resized", burstable));
    const name = { namespace: use().namespace, name: "resized", uid: metadata.uid };
    const container = { name: "c", requestMilli: 150, limitMilli: 1000 };
    const generation = await resizePod(use().transport, name, [container], "contract");
    expect(generation).toBe((metadata.generation ?? 0) + 1);
    expect(cpuOf(await use().get(resources.pod, "resized"))).toEqual({
      requests: { cpu: "150m", memory: "32Mi" },
      limits: { cpu: "1", memory: "64Mi" },
    });
  });

  test("leaves a limit alone that it is not told of", async () => {
    const { metadata } = await use().create(resources.pod, pod("unlimited", { requests: { cpu: "100m" } }));
    const name = { namespace: use().namespace, name: "unlimited", uid: metadata.uid };
    await resizePod(use().transport, name, [{ name: "c", requestMilli: 50, limitMilli: null }], "contract");
    expect(cpuOf(await use().get(resources.pod, "unlimited"))).toEqual({ requests: { cpu: "50m" } });
  });

  test("a successor of the same name is not resized by mistake", async () => {
    await use().create(resources.pod, pod("successor", burstable));
    const name = { namespace: use().namespace, name: "successor", uid: "11111111-2222-3333-4444-555555555555" };
    const container = { name: "c", requestMilli: 150, limitMilli: 300 };
    const failure = await failureOf(resizePod(use().transport, name, [container], "contract"));
    expect([failure.status, failure.reason]).toEqual([422, "Invalid"]);
    expect(failure.causes[0]).toMatchObject({ field: "metadata.uid" });
    expect(cpuOf(await use().get(resources.pod, "successor"))).toEqual(burstable);
  });
}

function managers(use: () => Scratch): void {
  test("each value is managed by who has set it last", async () => {
    const { metadata } = await use().create(resources.pod, pod("managed", burstable));
    const name = { namespace: use().namespace, name: "managed", uid: metadata.uid };
    await resizePod(use().transport, name, [{ name: "c", requestMilli: 150, limitMilli: 900 }], "first");
    await resizePod(use().transport, name, [{ name: "c", requestMilli: 150, limitMilli: 800 }], "second");
    const resized = await use().get(resources.pod, "managed");
    const entries = resized.metadata.managedFields?.filter(({ subresource }) => subresource === "resize");
    const values = (entries ?? []).map(({ manager, fieldsV1 }) => [manager, cpuFieldsOf(fieldsV1)]);
    expect(values).toEqual([
      ["first", { "f:requests": { "f:cpu": {} } }],
      ["second", { "f:limits": { "f:cpu": {} } }],
    ]);
  });
}

function boundaries(use: () => Scratch): void {
  test("takes nothing but resources", async () => {
    await use().create(resources.pod, pod("nothing-else", burstable));
    const container = { name: "c", image: "example.invalid/other", resources: { requests: { cpu: "110m" } } };
    const body = { metadata: { labels: { x: "y" } }, spec: { containers: [container] } };
    const resized = await use().patch([resources.pod, "nothing-else"], {
      kind: "strategic",
      subresource: "resize",
      body,
    });
    expect(resized.metadata.labels).toBeUndefined();
    expect(resized.spec?.["containers"]).toMatchObject([{ image: "example.invalid/app:1" }]);
  });

  test("only the subresource changes resources", async () => {
    await use().create(resources.pod, pod("direct", burstable));
    const body = { spec: { containers: [{ name: "c", resources: { requests: { cpu: "150m" } } }] } };
    const failure = await failureOf(use().patch([resources.pod, "direct"], { kind: "strategic", body }));
    expect([failure.status, failure.causes[0]?.field]).toEqual([422, "spec"]);
    expect(failure.message).toContain("pod updates may not change fields other than");
  });
}

const guaranteed: Amounts = { requests: { cpu: "200m", memory: "64Mi" }, limits: { cpu: "200m", memory: "64Mi" } };
const qosMessage = "Pod QOS Class may not change as a result of resizing";

interface Refusal {
  readonly what: string;
  readonly from: Amounts;
  readonly to: Amounts;
  readonly field: string;
  readonly message: string;
}

const illegal: readonly Refusal[] = [
  {
    what: "a limit below the request",
    from: burstable,
    to: { limits: { cpu: "50m" } },
    field: "spec.containers[0].resources.requests",
    message: 'Invalid value: "100m": must be less than or equal to cpu limit of 50m',
  },
  {
    what: "removing a limit",
    from: burstable,
    to: { limits: { cpu: null } },
    field: "spec.containers[0].resources.limits",
    message: "Forbidden: resource limits cannot be removed",
  },
  {
    what: "removing a request that no limit stands in for",
    from: { requests: { cpu: "100m", memory: "32Mi" } },
    to: { requests: { cpu: null } },
    field: "spec.containers[0].resources.requests",
    message: "Forbidden: resource requests cannot be removed",
  },
  {
    what: "Burstable to Guaranteed",
    from: burstable,
    to: guaranteed,
    field: "spec",
    message: `Invalid value: "Burstable": ${qosMessage}`,
  },
  {
    what: "Guaranteed to Burstable",
    from: guaranteed,
    to: { requests: { cpu: "100m" } },
    field: "spec",
    message: `Invalid value: "Guaranteed": ${qosMessage}`,
  },
  {
    what: "BestEffort to anything",
    from: {},
    to: { requests: { cpu: "100m" } },
    field: "spec",
    message: `Invalid value: "BestEffort": ${qosMessage}`,
  },
  {
    what: "other resources",
    from: burstable,
    to: { requests: { "ephemeral-storage": "1Gi" } },
    field: "spec",
    message: "Forbidden: only cpu and memory resources are mutable",
  },
];

function refusals(use: () => Scratch, { what, from, to, field, message }: Refusal): void {
  test("is refused and changes nothing", async () => {
    const name = `refused-${what.toLowerCase().replaceAll(/[^a-z]+/g, "-")}`;
    const made = await use().create(resources.pod, pod(name, from));
    const failure = await failureOf(resize(use(), name, to));
    expect([failure.status, failure.reason]).toEqual([422, "Invalid"]);
    expect(failure.causes).toContainEqual(expect.objectContaining({ field, message }));
    expect((await use().get(resources.pod, name)).spec).toEqual(made.spec);
  });
}

function sidecars(use: () => Scratch): void {
  const beside = (name: string, restartPolicy?: "Always"): object => ({
    metadata: { name },
    spec: {
      schedulerName: "nobody",
      initContainers: [{ name: "i", image: "example.invalid/app:1", resources: burstable, restartPolicy }],
      containers: [{ name: "c", image: "example.invalid/app:1", resources: burstable }],
    },
  });
  const to = { requestMilli: 150, limitMilli: 300 };

  test("a sidecar is resized beside the containers", async () => {
    const { metadata } = await use().create(resources.pod, beside("sidecar", "Always"));
    const name = { namespace: use().namespace, name: "sidecar", uid: metadata.uid };
    await resizePod(use().transport, name, [{ name: "i", sidecar: true, ...to }], "contract");
    const { spec } = await use().get(resources.pod, "sidecar");
    expect(spec?.["initContainers"]).toMatchObject([
      { resources: { requests: { cpu: "150m" }, limits: { cpu: "300m" } } },
    ]);
    expect(spec?.["containers"]).toMatchObject([{ resources: burstable }]);
  });

  test("so is an init container that has yet to end (Kubernetes 1.36)", async () => {
    const { metadata } = await use().create(resources.pod, beside("init"));
    const name = { namespace: use().namespace, name: "init", uid: metadata.uid };
    await resizePod(use().transport, name, [{ name: "i", sidecar: true, ...to }], "contract");
    const { spec } = await use().get(resources.pod, "init");
    expect(spec?.["initContainers"]).toMatchObject([
      { resources: { requests: { cpu: "150m" }, limits: { cpu: "300m" } } },
    ]);
  });
}

function absentees(use: () => Scratch): void {
  test("a pod that is not there is 404", async () => {
    const failure = await failureOf(resize(use(), "nobody", { requests: { cpu: "1" } }));
    expect([failure.status, failure.reason]).toEqual([404, "NotFound"]);
  });

  test("a container that is not there is refused", async () => {
    await use().create(resources.pod, pod("stranger", burstable));
    const body = { spec: { containers: [{ name: "other", resources: { requests: { cpu: "1" } } }] } };
    const failure = await failureOf(
      use().patch([resources.pod, "stranger"], { kind: "strategic", subresource: "resize", body }),
    );
    expect(failure.status).toBe(422);
    expect(failure.message).toContain("containers may not be added or removed on resize");
  });
}

function onNode(use: () => Scratch): void {
  let node = "";
  beforeAll(async () => {
    const capacity = { cpu: "2", memory: "4Gi", pods: "110" };
    const labels = { "kubernetes.io/os": "linux" };
    const made = await use().create(resources.node, {
      metadata: { name: `${use().namespace}-node`, labels },
      spec: { unschedulable: true },
    });
    node = made.metadata.name;
    const status = { capacity, allocatable: { ...capacity, cpu: "1900m" } };
    await use().patch([resources.node, node], { kind: "merge", subresource: "status", body: { status } });
  });

  test("a request that the node can never hold is 403 NodeCapacity, a limit is not asked for", async () => {
    await use().create(resources.pod, pod("too-big", { requests: { cpu: "100m" } }));
    await bind(use(), "too-big", node);
    const failure = await eventually(async () => {
      const refused = await failureOf(resize(use(), "too-big", { requests: { cpu: "64" } }));
      expect(refused.status).toBe(403);
      return refused;
    });
    expect([failure.reason, failure.causes[0]?.reason]).toEqual(["Forbidden", "NodeCapacity"]);
    expect(failure.message).toContain("node didn't have enough allocatable resources: cpu");
    await resize(use(), "too-big", { limits: { cpu: "64" } });
    expect(cpuOf(await use().get(resources.pod, "too-big"))).toEqual({
      requests: { cpu: "100m" },
      limits: { cpu: "64" },
    });
  });
}

/** Binds a pod to a node as a scheduler does. */
export async function bind(scratch: Scratch, name: string, node: string): Promise<void> {
  const target = { apiVersion: "v1", kind: "Node", name: node };
  await scratch.post([resources.pod, name, "binding"], {
    apiVersion: "v1",
    kind: "Binding",
    metadata: { name },
    target,
  });
}
