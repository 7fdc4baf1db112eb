import { describe, expect, test } from "vitest";

import { failureOf, podNamed, podsPath, testServer } from "./testing.ts";

const configMaps = "/api/v1/namespaces/default/configmaps";

describe("objects", () => {
  test("a created object has an identity of the server's making", async () => {
    const api = testServer();
    const made = await api.create(podsPath, podNamed("a"));
    expect(made.metadata).toMatchObject({
      name: "a",
      namespace: "default",
      generation: 1,
      creationTimestamp: "2026-01-01T00:00:00Z",
    });
    expect(made.metadata.uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(made.status).toEqual({ phase: "Pending", qosClass: "BestEffort" });
    expect(await api.get(`${podsPath}/a`)).toEqual(made);
  });

  test("generateName appends five letters", async () => {
    const made = await testServer().create(configMaps, { metadata: { generateName: "cm-" } });
    expect(made.metadata.name).toMatch(/^cm-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  test("refusals are Status objects with the words of the real server", async () => {
    const api = testServer();
    await api.create(podsPath, podNamed("a"));
    const twice = await failureOf(api.create(podsPath, podNamed("a")));
    expect([twice.status, twice.reason, twice.message]).toEqual([409, "AlreadyExists", 'pods "a" already exists']);
    const absent = await failureOf(api.get(`${podsPath}/zz`));
    expect([absent.status, absent.reason, absent.message]).toEqual([404, "NotFound", 'pods "zz" not found']);
    const nameless = await failureOf(api.create(podsPath, podNamed("")));
    expect(nameless.message).toBe('Pod "" is invalid: metadata.name: Required value: name or generateName is required');
    const homeless = await failureOf(api.create("/api/v1/namespaces/nope/pods", podNamed("b")));
    expect(homeless.message).toBe('namespaces "nope" not found');
  });

  test("every wrong field of a pod is named", async () => {
    const resources = { requests: { cpu: "2" }, limits: { cpu: "1" } };
    const body = { metadata: { name: "b" }, spec: { containers: [{ name: "c", resources }] } };
    const failure = await failureOf(testServer().create(podsPath, body));
    expect(failure.status).toBe(422);
    expect(failure.causes).toEqual([
      { reason: "FieldValueRequired", message: "Required value", field: "spec.containers[0].image" },
      {
        reason: "FieldValueInvalid",
        message: 'Invalid value: "2": must be less than or equal to cpu limit of 1',
        field: "spec.containers[0].resources.requests",
      },
    ]);
  });

  test("quantities come back in canonical form, and requests default to limits", async () => {
    const made = await testServer().create(
      podsPath,
      podNamed("a", { limits: { cpu: "1000m", memory: "1024Ki" }, requests: { cpu: "0.05" } }),
    );
    expect(made.spec?.["containers"]).toMatchObject([
      { resources: { limits: { cpu: "1", memory: "1Mi" }, requests: { cpu: "50m", memory: "1Mi" } } },
    ]);
  });

  test("a stale resourceVersion conflicts, on PUT and in a patch", async () => {
    const api = testServer();
    const first = await api.create(configMaps, { metadata: { name: "cm" }, data: { a: "1" } });
    await api.patch(`${configMaps}/cm`, { data: { a: "2" } });
    const put = await failureOf(
      api.transport.send({ method: "PUT", path: `${configMaps}/cm`, body: { ...first, data: { a: "3" } } }),
    );
    expect([put.status, put.reason]).toEqual([409, "Conflict"]);
    const stale = { metadata: { resourceVersion: first.metadata.resourceVersion }, data: { a: "4" } };
    expect((await failureOf(api.patch(`${configMaps}/cm`, stale))).status).toBe(409);
    expect((await api.get(`${configMaps}/cm`))["data"]).toEqual({ a: "2" });
  });

  test("a foreign uid in a patch is refused, so that a successor is never written to", async () => {
    const api = testServer();
    await api.create(configMaps, { metadata: { name: "cm" } });
    const failure = await failureOf(api.patch(`${configMaps}/cm`, { metadata: { uid: "x" }, data: { a: "1" } }));
    expect(failure.message).toBe('ConfigMap "cm" is invalid: metadata.uid: Invalid value: "x": field is immutable');
  });

  test("a write that changes nothing keeps the resourceVersion", async () => {
    const api = testServer();
    const made = await api.create(configMaps, { metadata: { name: "cm" }, data: { a: "1" } });
    const same = await api.patch(`${configMaps}/cm`, { data: { a: "1" } });
    expect(same.metadata.resourceVersion).toBe(made.metadata.resourceVersion);
  });

  test("generation counts changes of the spec, not of status or labels", async () => {
    const api = testServer();
    const path = "/apis/apps/v1/namespaces/default/deployments";
    await api.create(path, { metadata: { name: "d" }, spec: { selector: { matchLabels: { a: "b" } }, template: {} } });
    const labelled = await api.patch(`${path}/d`, { metadata: { labels: { x: "y" } }, status: { replicas: 7 } });
    expect([labelled.metadata.generation, labelled.status]).toEqual([1, {}]);
    const reported = await api.patch(`${path}/d/status`, { spec: { replicas: 9 }, status: { replicas: 1 } });
    expect([reported.metadata.generation, reported.spec?.["replicas"], reported.status]).toEqual([
      1,
      1,
      { replicas: 1 },
    ]);
    const scaled = await api.patch(`${path}/d/scale`, { spec: { replicas: 3 } });
    expect([scaled.spec, scaled.status]).toEqual([{ replicas: 3 }, { replicas: 1, selector: "a=b" }]);
    expect((await api.get(`${path}/d`)).metadata.generation).toBe(2);
  });

  test("an ordinary update may not touch a pod's resources", async () => {
    const api = testServer();
    await api.create(podsPath, podNamed("a", { requests: { cpu: "50m" } }));
    const change = { spec: { containers: [{ name: "c", resources: { requests: { cpu: "60m" } } }] } };
    const failure = await failureOf(api.patch(`${podsPath}/a`, change, "strategic"));
    expect(failure.message).toContain("Forbidden: pod updates may not change fields other than");
    expect(
      (await api.patch(`${podsPath}/a`, { spec: { containers: [{ name: "c", image: "app:2" }] } }, "strategic"))
        .metadata.generation,
    ).toBe(2);
  });

  test("a lease needs microseconds and a resourceVersion", async () => {
    const api = testServer();
    const path = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
    const lease = (renewTime: string): object => ({ metadata: { name: "l" }, spec: { renewTime } });
    const coarse = await failureOf(api.create(path, lease("2026-01-01T00:00:00.123Z")));
    expect([coarse.status, coarse.message]).toEqual([
      400,
      'Lease in version "v1" cannot be handled as a Lease: parsing time "2026-01-01T00:00:00.123Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse ".123Z" as ".000000"',
    ]);
    await api.create(path, lease("2026-01-01T00:00:00.123456Z"));
    const blind = await failureOf(
      api.transport.send({ method: "PUT", path: `${path}/l`, body: lease("2026-01-01T00:00:01.123456Z") }),
    );
    expect(blind.message).toContain("metadata.resourceVersion: Invalid value: 0: must be specified for an update");
  });

  test("both Event kinds are views of the same events", async () => {
    const api = testServer();
    await api.create("/apis/events.k8s.io/v1/namespaces/default/events", {
      metadata: { name: "e" },
      eventTime: "2026-01-01T00:00:00.000000Z",
      regarding: { kind: "Pod", name: "a", uid: "u" },
      reason: "Resized",
      action: "Resize",
      note: "to 100m",
      type: "Normal",
      reportingController: "walras",
      reportingInstance: "walras-0",
    });
    const list = await api.get("/api/v1/namespaces/default/events", { fieldSelector: "involvedObject.uid=u" });
    expect(list["items"]).toMatchObject([
      { involvedObject: { name: "a" }, message: "to 100m", reportingComponent: "walras" },
    ]);
    expect(await api.get("/apis/events.k8s.io/v1/namespaces/default/events/e")).toMatchObject({
      note: "to 100m",
      regarding: { name: "a" },
    });
  });

  test("dry run answers and stores nothing", async () => {
    const api = testServer();
    await api.transport.send({
      method: "POST",
      path: configMaps,
      query: { dryRun: "All" },
      body: { metadata: { name: "cm" } },
    });
    expect((await failureOf(api.get(`${configMaps}/cm`))).status).toBe(404);
  });

  test("an admission hook can change and refuse writes", async () => {
    const api = testServer();
    api.server.admission.push(({ type, object }) =>
      type.kind === "ConfigMap" ? { ...object, data: { seen: "yes" } } : undefined,
    );
    expect((await api.create(configMaps, { metadata: { name: "cm" } }))["data"]).toEqual({ seen: "yes" });
  });
});
