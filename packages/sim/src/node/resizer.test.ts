import { describe, expect, it } from "vitest";

import { mapsOf } from "../apiserver/objects/model.ts";
import { measuredDelays } from "./kubeletPorts.ts";
import { actual, bed, condition, settled } from "./testing.ts";

describe("a simulated kubelet resizes pods", () => {
  it("is in progress, then in the cgroup within 40 ms, then in the status within 170 ms", async () => {
    const { pod, resize, read, clock, quotas } = await bed();
    await pod("web", [100, 200]);
    await resize("web", [150, 330]);
    await clock.advance(15);
    const during = await read("web");
    expect(condition(during, "PodResizeInProgress")).toMatchObject({ status: "True", observedGeneration: 2 });
    expect(actual(during)).toEqual([{ requests: { cpu: "100m" }, limits: { cpu: "200m" } }]);
    expect(quotas("web")).toEqual([0.2]);
    await clock.advance(26);
    expect(quotas("web")).toEqual([0.33]);
    await clock.advance(130);
    const after = await read("web");
    expect(condition(after, "PodResizeInProgress")).toBeUndefined();
    expect(actual(after)).toEqual([{ requests: { cpu: "150m" }, limits: { cpu: "330m" } }]);
    expect(after.status?.["observedGeneration"]).toBe(2);
  });

  it("never reports before it has actuated, however late it is: nobody would look again", async () => {
    const delays = { ...measuredDelays, actuate: [40, 40], report: [0, 0] } as const;
    const { pod, resize, read, clock } = await bed({ delays });
    await pod("web", [100, 200]);
    await resize("web", [150, 330]);
    await clock.advance(settled);
    const after = await read("web");
    expect(condition(after, "PodResizeInProgress")).toBeUndefined();
    expect(actual(after)).toEqual([{ requests: { cpu: "150m" }, limits: { cpu: "330m" } }]);
  });

  it("defers what does not fit now, and says beside whom", async () => {
    const { pod, resize, read, clock, quotas } = await bed();
    await pod("neighbour", [3000]);
    await pod("web", [500, 1000]);
    await resize("web", [1500, 2000]);
    await clock.advance(settled);
    const deferred = await read("web");
    expect(condition(deferred, "PodResizePending")).toMatchObject({
      reason: "Deferred",
      observedGeneration: 2,
      message: "Node didn't have enough resource: cpu, requested: 1500, used: 3000, capacity: 4000",
    });
    expect(quotas("web")).toEqual([1]);
  });

  it("refuses for good what the node can never hold", async () => {
    const { pod, resize, read, clock } = await bed();
    await pod("web", [500, 1000]);
    await resize("web", [5000, 5000]);
    await clock.advance(settled);
    expect(condition(await read("web"), "PodResizePending")).toMatchObject({
      reason: "Infeasible",
      message: "Node didn't have enough capacity: cpu, requested: 5000, capacity: 4000",
    });
  });

  it("drops the condition when an infeasible desire is taken back", async () => {
    const { pod, resize, read, clock } = await bed();
    await pod("web", [500, 1000]);
    await resize("web", [5000, 5000]);
    await clock.advance(settled);
    await resize("web", [500, 1000]);
    await clock.advance(settled);
    const reverted = await read("web");
    expect(condition(reverted, "PodResizePending")).toBeUndefined();
    expect(reverted.status?.["observedGeneration"]).toBe(3);
  });

  it("refuses Guaranteed pods beside the static CPU manager, and no others", async () => {
    const { pod, resize, read, clock } = await bed({ staticCpuManager: true });
    await pod("pinned", [500, 500], { guaranteed: true });
    await pod("loose", [500, 1000]);
    await resize("pinned", [600, 600]);
    await resize("loose", [600, 1000]);
    await clock.advance(settled);
    expect(condition(await read("pinned"), "PodResizePending")).toMatchObject({
      reason: "Infeasible",
      message: "Resize is infeasible for Guaranteed Pods alongside CPU Manager static policy",
    });
    expect(actual(await read("loose"))).toMatchObject([{ requests: { cpu: "600m" } }]);
  });

  it("retries a deferred resize as soon as another resize has completed", async () => {
    const { pod, resize, read, clock } = await bed();
    await pod("neighbour", [3000]);
    await pod("web", [500, 1000]);
    await resize("web", [1500, 2000]);
    await clock.advance(settled);
    await resize("neighbour", [2000]);
    await clock.advance(settled);
    expect(condition(await read("web"), "PodResizePending")).toBeUndefined();
    expect(actual(await read("web"))).toMatchObject([{ requests: { cpu: "1500m" } }]);
  });

  it("does not use what a shrinking pod still holds before its resize is done", async () => {
    const { pod, resize, read, clock } = await bed();
    await pod("neighbour", [3000]);
    await pod("web", [500, 1000]);
    await resize("neighbour", [2000]);
    await resize("web", [1500, 2000]);
    await clock.advance(60);
    expect(condition(await read("web"), "PodResizePending")).toMatchObject({ reason: "Deferred" });
    await clock.advance(settled);
    expect(condition(await read("web"), "PodResizePending")).toBeUndefined();
  });

  it("retries when a pod is removed", async () => {
    const { pod, resize, read, remove, clock } = await bed();
    await pod("neighbour", [3000]);
    await pod("web", [500, 1000]);
    await resize("web", [1500, 2000]);
    await clock.advance(settled);
    await remove("neighbour");
    await clock.advance(settled);
    expect(actual(await read("web"))).toMatchObject([{ requests: { cpu: "1500m" } }]);
  });

  it("lets a small pending resize pass a blocked one of higher priority", async () => {
    const { pod, resize, read, clock } = await bed();
    await pod("neighbour", [2600]);
    await pod("big", [500, 3000], { spec: { priority: 1000 } });
    await pod("small", [500, 3000]);
    await resize("big", [3000, 3000]);
    await resize("small", [1200, 3000]);
    await clock.advance(settled);
    await resize("neighbour", [2000]);
    await clock.advance(settled);
    expect(condition(await read("big"), "PodResizePending")).toMatchObject({ reason: "Deferred" });
    expect(actual(await read("small"))).toMatchObject([{ requests: { cpu: "1200m" } }]);
  });

  it("takes all containers of a pod or none", async () => {
    const { pod, resize, read, clock, quotas } = await bed();
    await pod("neighbour", [2000]);
    await pod("pair", [
      [500, 1000],
      [500, 1000],
    ]);
    await resize("pair", [
      [300, 400],
      [1900, 2000],
    ]);
    await clock.advance(settled);
    expect(condition(await read("pair"), "PodResizePending")).toMatchObject({ reason: "Deferred" });
    expect(quotas("pair")).toEqual([1, 1]);
  });

  it("restarts a container whose resize policy asks for it", async () => {
    const { pod, resize, read, clock } = await bed();
    const container = { resizePolicy: [{ resourceName: "cpu", restartPolicy: "RestartContainer" }] };
    await pod("stiff", [500, 1000], { container });
    await resize("stiff", [600, 1000]);
    await clock.advance(settled);
    expect(mapsOf((await read("stiff")).status?.["containerStatuses"])).toMatchObject([{ restartCount: 1 }]);
  });

  it("rounds quotas up to 10 m and reports the limit that was asked for", async () => {
    const { pod, resize, read, clock, quotas } = await bed();
    await pod("web", [100, 200]);
    await resize("web", [100, 333]);
    await clock.advance(settled);
    expect(quotas("web")).toEqual([0.34]);
    expect(actual(await read("web"))).toMatchObject([{ limits: { cpu: "333m" } }]);
  });

  it("tells of each resize by an event", async () => {
    const { pod, resize, events, clock } = await bed();
    await pod("web", [500, 1000]);
    await resize("web", [600, 1000]);
    await clock.advance(settled);
    await resize("web", [5000, 5000]);
    await clock.advance(settled);
    const reasons = (await events()).map((event) => event["reason"]);
    expect(new Set(reasons)).toEqual(new Set(["ResizeStarted", "ResizeCompleted", "ResizeInfeasible"]));
  });
});
