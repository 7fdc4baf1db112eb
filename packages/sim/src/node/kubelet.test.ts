import { describe, expect, it } from "vitest";

import { mapsOf } from "../apiserver/objects/model.ts";
import { failureOf, testServer } from "../apiserver/testing.ts";
import { nodeObject } from "./nodeObject.ts";
import { bed, condition, facts, settled } from "./testing.ts";

describe("a simulated kubelet runs pods", () => {
  it("says of a running pod what the real one says", async () => {
    const { pod } = await bed();
    const running = await pod("web", [100, 200]);
    expect(running.status).toMatchObject({
      phase: "Running",
      hostIP: "192.0.2.1",
      podIP: "10.244.1.1",
      qosClass: "Burstable",
      observedGeneration: 1,
    });
    expect(condition(running, "Ready")).toMatchObject({ status: "True", observedGeneration: 1 });
    const [status] = mapsOf(running.status?.["containerStatuses"]);
    expect(status).toMatchObject({
      name: "c0",
      ready: true,
      restartCount: 0,
      allocatedResources: { cpu: "100m" },
      resources: { requests: { cpu: "100m" }, limits: { cpu: "200m" } },
    });
    expect(status?.["containerID"]).toMatch(/^containerd:\/\/[0-9a-f]{64}$/);
  });

  it("turns away a pod that does not fit beside the others", async () => {
    const { pod } = await bed();
    await pod("first", [3000]);
    const second = await pod("second", [1500]);
    expect(second.status).toMatchObject({
      phase: "Failed",
      reason: "OutOfcpu",
      message: "Pod was rejected: Node didn't have enough resource: cpu, requested: 1500, used: 3000, capacity: 4000",
    });
  });

  it("stops a deleted pod within its grace and lets it go", async () => {
    const { pod, remove, clock, machine, read } = await bed();
    await pod("web", [100]);
    await remove("web");
    expect((await read("web")).metadata.deletionTimestamp).toBeDefined();
    await clock.advance(settled);
    expect((await failureOf(read("web"))).status).toBe(404);
    expect(machine.truth()).toEqual([]);
  });

  it("gives a restarted container a new id, one more restart and fresh counters", async () => {
    const { pod, kubelet, read, machine } = await bed();
    const before = await pod("web", [100], {
      metadata: { annotations: { "sim.walras.dev/load.c0": '{"demand":{"kind":"constant","cores":1}}' } },
    });
    machine.advance(0, 1000);
    expect(machine.truth()[0]?.market.usedUsec).toBe(1_000_000);
    expect(kubelet.restartContainer(before.metadata.uid ?? "", "c0")).toBe(true);
    const [old, now] = [before, await read("web")].map((one) => mapsOf(one.status?.["containerStatuses"])[0]);
    expect(now).toMatchObject({ restartCount: 1 });
    expect(now?.["containerID"]).not.toBe(old?.["containerID"]);
    expect(machine.truth()[0]?.market.usedUsec).toBe(0);
    expect(kubelet.restartContainer("nobody", "c0")).toBe(false);
  });

  it("runs a pod whose load cannot be read as an idle one and says so", async () => {
    const { pod, events } = await bed();
    const odd = await pod("odd", [100], { metadata: { annotations: { "sim.walras.dev/load.c0": "{}" } } });
    expect(odd.status?.["phase"]).toBe("Running");
    expect(await events()).toMatchObject([
      { reason: "InvalidLoad", message: expect.stringContaining("sim.walras.dev/load.c0") },
    ]);
  });
});

describe("a node object", () => {
  it("is taken by the API server and is ready", async () => {
    const node = await testServer().create("/api/v1/nodes", nodeObject(facts, "2026-01-01T00:00:00Z"));
    expect(node.status).toMatchObject({ allocatable: { cpu: "4", memory: "8Gi" }, capacity: { cpu: "4" } });
    expect(condition(node, "Ready")).toMatchObject({ status: "True", reason: "KubeletReady" });
  });
});
