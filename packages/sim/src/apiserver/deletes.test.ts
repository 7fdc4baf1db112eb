import { describe, expect, test } from "vitest";

import { failureOf, podNamed, podsPath, testServer } from "./testing.ts";

const configMaps = "/api/v1/namespaces/default/configmaps";

describe("deletion", () => {
  test("a pod on a node waits for its kubelet", async () => {
    const api = testServer();
    await api.create(podsPath, podNamed("a", {}, { nodeName: "n1" }));
    const marked = await api.remove(`${podsPath}/a`);
    expect(marked.metadata).toMatchObject({
      deletionTimestamp: "2026-01-01T00:00:30Z",
      deletionGracePeriodSeconds: 30,
      generation: 2,
    });
    expect((await api.get(`${podsPath}/a`)).metadata.deletionTimestamp).toBeDefined();
    await api.remove(`${podsPath}/a`, { gracePeriodSeconds: 0, preconditions: { uid: marked.metadata.uid } });
    expect((await failureOf(api.get(`${podsPath}/a`))).status).toBe(404);
  });

  test("a pod on no node, and one that is over, go at once", async () => {
    const api = testServer();
    await api.create(podsPath, podNamed("free"));
    await api.create(podsPath, podNamed("over", {}, { nodeName: "n1" }));
    await api.patch(`${podsPath}/over/status`, { status: { phase: "Succeeded" } });
    await api.remove(`${podsPath}/free`);
    await api.remove(`${podsPath}/over`);
    expect((await api.get(podsPath))["items"]).toEqual([]);
  });

  test("preconditions name both sides", async () => {
    const api = testServer();
    const { uid } = (await api.create(podsPath, podNamed("a"))).metadata;
    const failure = await failureOf(api.remove(`${podsPath}/a`, { preconditions: { uid: "x" } }));
    expect([failure.status, failure.message]).toEqual([
      409,
      `Operation cannot be fulfilled on Pod "a": the UID in the precondition (x) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    ]);
  });

  test("finalizers hold an object until the last is taken off", async () => {
    const api = testServer();
    await api.create(configMaps, { metadata: { name: "cm", finalizers: ["a/x", "b/y"] } });
    const lines = await api.watch(configMaps, { resourceVersion: String(api.server.store.version) });
    expect((await api.remove(`${configMaps}/cm`)).metadata.deletionTimestamp).toBe("2026-01-01T00:00:00Z");
    await api.patch(`${configMaps}/cm`, { metadata: { finalizers: ["b/y"] } });
    expect((await api.get(`${configMaps}/cm`)).metadata.finalizers).toEqual(["b/y"]);
    await api.patch(`${configMaps}/cm`, { metadata: { finalizers: null } });
    expect((await failureOf(api.get(`${configMaps}/cm`))).status).toBe(404);
    expect(lines.at(-1)?.type).toBe("DELETED");
  });

  test("dependents follow their owner, but not while another owner lives", async () => {
    const api = testServer();
    const owner = async (name: string): Promise<object> => {
      const { uid } = (await api.create(configMaps, { metadata: { name } })).metadata;
      return { apiVersion: "v1", kind: "ConfigMap", name, uid };
    };
    const [one, two] = [await owner("one"), await owner("two")];
    await api.create(configMaps, { metadata: { name: "of-one", ownerReferences: [one] } });
    await api.create(configMaps, { metadata: { name: "of-both", ownerReferences: [one, two] } });
    await api.remove(`${configMaps}/one`);
    expect((await failureOf(api.get(`${configMaps}/of-one`))).status).toBe(404);
    expect((await api.get(`${configMaps}/of-both`)).metadata.name).toBe("of-both");
    await api.remove(`${configMaps}/two`);
    expect((await failureOf(api.get(`${configMaps}/of-both`))).status).toBe(404);
  });

  test("Orphan keeps the dependents, Foreground keeps the owner until they are gone", async () => {
    const api = testServer();
    for (const name of ["o", "f"]) {
      const { uid } = (await api.create(configMaps, { metadata: { name } })).metadata;
      const ownerReferences = [{ apiVersion: "v1", kind: "ConfigMap", name, uid }];
      await api.create(podsPath, {
        ...podNamed("", {}, { nodeName: "n1" }),
        metadata: { name: `of-${name}`, ownerReferences },
      });
    }
    await api.remove(`${configMaps}/o`, { propagationPolicy: "Orphan" });
    expect((await api.get(`${podsPath}/of-o`)).metadata).toMatchObject({ ownerReferences: [] });
    await api.remove(`${configMaps}/f`, { propagationPolicy: "Foreground" });
    expect((await api.get(`${configMaps}/f`)).metadata.finalizers).toEqual(["foregroundDeletion"]);
    expect((await api.get(`${podsPath}/of-f`)).metadata.deletionTimestamp).toBeDefined();
    await api.remove(`${podsPath}/of-f`, { gracePeriodSeconds: 0 });
    expect((await failureOf(api.get(`${configMaps}/f`))).status).toBe(404);
  });

  test("a namespace takes its content with it and refuses more", async () => {
    const api = testServer();
    await api.create("/api/v1/namespaces", { metadata: { name: "team" } });
    await api.create("/api/v1/namespaces/team/pods", podNamed("a", {}, { nodeName: "n1" }));
    expect((await api.remove("/api/v1/namespaces/team")).status).toEqual({ phase: "Terminating" });
    const failure = await failureOf(api.create("/api/v1/namespaces/team/configmaps", { metadata: { name: "cm" } }));
    expect([failure.status, failure.causes[0]?.reason]).toEqual([403, "NamespaceTerminating"]);
    await api.remove("/api/v1/namespaces/team/pods/a", { gracePeriodSeconds: 0 });
    expect((await failureOf(api.get("/api/v1/namespaces/team"))).status).toBe(404);
  });

  test("a collection is deleted by selector", async () => {
    const api = testServer();
    for (const name of ["a", "b"]) await api.create(configMaps, { metadata: { name, labels: { name } } });
    await api.transport.send({ method: "DELETE", path: configMaps, query: { labelSelector: "name=a" } });
    expect((await api.get(configMaps))["items"]).toMatchObject([{ metadata: { name: "b" } }]);
  });
});

describe("binding and eviction", () => {
  test("a pod is bound once, without a new generation", async () => {
    const api = testServer();
    await api.create(podsPath, podNamed("a"));
    const binding = { metadata: { name: "a" }, target: { kind: "Node", name: "n1" } };
    await api.create(`${podsPath}/a/binding`, binding);
    const bound = await api.get(`${podsPath}/a`);
    expect([bound.spec?.["nodeName"], bound.metadata.generation]).toEqual(["n1", 1]);
    expect(bound.status).toMatchObject({ conditions: [{ type: "PodScheduled", status: "True" }] });
    const again = await failureOf(api.create(`${podsPath}/a/binding`, binding));
    expect(again.message).toBe(
      'Operation cannot be fulfilled on pods/binding "a": pod a is already assigned to node "n1"',
    );
  });

  test("an eviction is a graceful deletion", async () => {
    const api = testServer();
    await api.create(podsPath, podNamed("a", {}, { nodeName: "n1" }));
    await api.create(`${podsPath}/a/eviction`, { metadata: { name: "a" }, deleteOptions: { gracePeriodSeconds: 5 } });
    expect((await api.get(`${podsPath}/a`)).metadata.deletionGracePeriodSeconds).toBe(5);
    expect((await failureOf(api.create(`${podsPath}/zz/eviction`, {}))).message).toBe('pods "zz" not found');
  });

  test("an eviction keeps to the budget of a pod that runs; a dry run spends none of it", async () => {
    const api = testServer();
    const budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
    await api.create(budgets, { metadata: { name: "b" }, spec: { selector: { matchLabels: { app: "a" } } } });
    await api.patch(`${budgets}/b/status`, { status: { disruptionsAllowed: 1 } });
    for (const name of ["a", "b"]) {
      const pod = podNamed(name, {}, { nodeName: "n1" });
      await api.create(podsPath, { ...pod, metadata: { name, labels: { app: "a" } } });
      await api.patch(`${podsPath}/${name}/status`, { status: { phase: "Running" } });
    }
    const evict = (name: string, options: object): Promise<unknown> =>
      api.create(`${podsPath}/${name}/eviction`, { metadata: { name }, deleteOptions: options });
    await evict("a", { dryRun: ["All"] });
    await evict("a", {});
    expect((await failureOf(evict("b", {}))).status).toBe(429);
    expect((await failureOf(evict("b", { dryRun: ["All"] }))).status).toBe(429);
  });
});
