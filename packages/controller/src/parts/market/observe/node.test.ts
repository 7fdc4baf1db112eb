import { describe, expect, it } from "vitest";

import type { PodState } from "../../../base/cluster/pod.ts";
import { aContainerState, aPod } from "../../../base/cluster/testing.ts";
import { planRelease } from "../act/restore.ts";
import { sized } from "../act/testing.ts";
import { observeNode } from "./node.ts";
import { aRecord, aSight, aView, notSizing } from "./testing.ts";

const squeezed = aPod({ containers: [sized(10, 50)] });
const optedOut: PodState = { ...squeezed, managed: "false" };

describe("who opts out", () => {
  it("counts for what he declared beside hungry neighbours, so that they make room for it", () => {
    const hungry = aPod({ uid: "hungry", name: "hungry", containers: [sized(1180, 1500)] });
    const view = aView([optedOut, hungry], { allocations: [aRecord(optedOut, "900m", "1")] });
    const { snapshot, released, freeMilli } = observeNode("node-1", aSight(view));
    expect(snapshot.promisedMilli).toBe(900);
    expect(released.map(({ pod }) => pod.uid)).toEqual(["uid-1"]);
    expect(freeMilli).toBe(1900 - 10 - 1180);
  });

  it("gets back what was declared, though its record has been deleted", () => {
    const sight = aSight(aView([squeezed], { allocations: [aRecord(squeezed, "300m", "600m")] }));
    observeNode("node-1", sight);
    const { released } = observeNode("node-1", { ...sight, view: aView([optedOut]) });
    const resize = planRelease(optedOut, released[0]!.declared, { kind: "settled" });
    expect(resize).toMatchObject({ containers: [{ name: "app", requestMilli: 300, limitMilli: 600 }] });
  });

  it("gets it back whatever the pod's other containers do", () => {
    const ended = aContainerState({ name: "once", running: false, actual: null });
    const pod = aPod({ managed: "false", containers: [sized(10, 50), ended] });
    const declared = new Map([["app", { requestMilli: 200, limitMilli: 400 }]]);
    expect(planRelease(pod, declared, { kind: "settled" })).toMatchObject({
      containers: [
        { name: "app", requestMilli: 200, limitMilli: 400 },
        { name: "once", requestMilli: 100, limitMilli: 200 },
      ],
    });
  });
});

describe("who comes back from a mode that did more", () => {
  const settings = { mode: "recommend", limits: "ample", ...notSizing } as const;

  it("does not bid, and counts for what he declared until he has it", () => {
    const view = aView([squeezed], { allocations: [aRecord(squeezed, "300m", "600m")] });
    const { snapshot, managed, released } = observeNode("node-1", aSight(view, { settings }));
    expect([snapshot.pods, snapshot.promisedMilli, released]).toEqual([[], 300, []]);
    expect(managed).toHaveLength(1);
    const back = aPod({ containers: [sized(300, 600)] });
    const then = aView([back], { allocations: [aRecord(back, "300m", "600m")] });
    expect(observeNode("node-1", aSight(then, { settings })).snapshot.pods).toHaveLength(1);
  });
});

describe("a label that neither opts in nor out", () => {
  it("is named on the pod, or once on the namespace of pods that have none of their own", () => {
    const pods = [
      aPod({ managed: "True" }),
      ...["uid-2", "uid-3"].map((uid) => aPod({ uid, name: uid, managed: undefined })),
      aPod({ uid: "uid-4", name: "out", managed: "false" }),
    ];
    const namespace = { uid: "ns", namespace: "", name: "default", managed: "yes", labels: {} } as const;
    const view = { ...aView(pods), namespace: () => namespace };
    const { managed, mislabelled } = observeNode("node-1", aSight(view));
    expect(managed).toEqual([]);
    expect(mislabelled.map(({ object: { kind, name }, problem }) => `${kind} ${name}: ${problem}`)).toEqual([
      'Pod web: label mbcas.io/managed: "True" is neither "true" nor "false", and counts as "false"',
      'Namespace default: label mbcas.io/managed: "yes" is neither "true" nor "false", and counts as "false"',
    ]);
  });
});

describe("a record that somebody deletes", () => {
  it("says again what was declared, not what the market made of it", () => {
    const sight = aSight(aView([squeezed], { allocations: [aRecord(squeezed, "300m", "600m")] }));
    observeNode("node-1", sight);
    const { managed } = observeNode("node-1", { ...sight, view: aView([squeezed]) });
    expect(managed[0]?.declared.get("app")).toEqual({ requestMilli: 300, limitMilli: 600 });
  });

  it("is not believed of a successor of the same name", () => {
    const sight = aSight(aView([squeezed], { allocations: [aRecord(squeezed, "300m", "600m")] }));
    observeNode("node-1", sight);
    const successor = aPod({ uid: "uid-2" });
    const { managed } = observeNode("node-1", { ...sight, view: aView([successor]) });
    expect(managed[0]?.declared.get("app")).toEqual({ requestMilli: 100, limitMilli: 200 });
  });
});

describe("a node", () => {
  it.each([null, 0])(
    "whose CPU is not known (%s) has nobody on the market: all is held, and told",
    (allocatableMilli) => {
      const { snapshot, managed } = observeNode("node-1", aSight(aView([aPod()], { allocatableMilli })));
      expect(snapshot.pods).toEqual([]);
      expect(managed[0]?.leftAlone).toMatchObject({ reason: "NodeUnknown" });
    },
  );

  it.each(["full", "off"] as const)("keeps no record of a pod that has ended, in mode %s", (mode) => {
    const done = aPod({ phase: "Succeeded" });
    const view = aView([done], { allocations: [aRecord(done, "100m", "200m")] });
    const { ended, managed, released } = observeNode(
      "node-1",
      aSight(view, { settings: { mode, limits: "ample", ...notSizing } }),
    );
    expect(ended.map(({ uid }) => uid)).toEqual(["uid-1"]);
    expect([managed, released]).toEqual([[], []]);
  });
});

describe("on the market are", () => {
  it("the containers that run, and what the others request is beside it", () => {
    const containers = [sized(200, 400), aContainerState({ name: "once", running: false })];
    const { snapshot } = observeNode("node-1", aSight(aView([aPod({ containers, overheadMilli: 30 })])));
    expect(snapshot.pods[0]?.containers.map(({ name }) => name)).toEqual(["app"]);
    expect(snapshot.promisedMilli).toBe(130);
  });

  it("sidecars like any other container", () => {
    const sidecar = aContainerState({ name: "proxy", sidecar: true, desired: { requestMilli: 20, limitMilli: 50 } });
    const { snapshot } = observeNode("node-1", aSight(aView([aPod({ containers: [sized(200, 400), sidecar] })])));
    expect(snapshot.pods[0]?.containers.map(({ name }) => name)).toEqual(["app", "proxy"]);
    expect(snapshot.promisedMilli).toBe(0);
  });

  it("no pod with requests of its own, but what it asks for is counted", () => {
    const whole = aPod({ podLevelResources: true, podRequestMilli: 1200, containers: [] });
    const { snapshot, managed } = observeNode("node-1", aSight(aView([whole])));
    expect(snapshot).toMatchObject({ pods: [], promisedMilli: 1200 });
    expect(managed[0]?.leftAlone?.reason).toBe("PodLevelResources");
  });

  it("no Guaranteed pod where only requests may change", () => {
    const pod = aPod({ qos: "Guaranteed", containers: [sized(400, 400)] });
    const { snapshot, managed } = observeNode(
      "node-1",
      aSight(aView([pod]), { settings: { mode: "requests", limits: "ample", ...notSizing } }),
    );
    expect(snapshot.pods).toEqual([]);
    expect(managed[0]?.leftAlone?.reason).toBe("GuaranteedRequest");
  });

  it("no pod whose runtime class is handled by a sandbox", () => {
    const view = aView([aPod({ runtimeClass: "untrusted" })], { handlers: { untrusted: "runsc" } });
    expect(observeNode("node-1", aSight(view)).managed[0]?.leftAlone?.reason).toBe("SandboxedRuntime");
  });

  it("no pod whose node has said that it never resizes it", () => {
    const barred = { reason: "StaticManager", message: "static" };
    const { snapshot, managed } = observeNode("node-1", aSight(aView([aPod()]), { barred: () => barred }));
    expect(snapshot.pods).toEqual([]);
    expect(managed[0]?.leftAlone).toEqual(barred);
  });

  it("those of whom nothing was heard yet, known since they were met", () => {
    const sight = aSight(aView([aPod()]));
    sight.book.meet("c1", 5_000);
    sight.book.meet("c1", 9_000);
    expect(observeNode("node-1", sight).snapshot.pods[0]?.containers[0]).toMatchObject({
      demand: undefined,
      sinceMs: 5_000,
    });
  });
});
