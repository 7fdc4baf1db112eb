import { VirtualClock } from "@walras/kit";
import { describe, expect, it } from "vitest";

import type { PodState } from "../../../base/cluster/pod.ts";
import { aPod } from "../../../base/cluster/testing.ts";
import type { NodeDecision, Target } from "../decide/snapshot.ts";
import type { NamespaceBounds } from "../observe/allowance.ts";
import { unbounded } from "../observe/limitRange.ts";
import { type NodeSight, observeNode } from "../observe/node.ts";
import { aRecord, aSight, aView, notSizing } from "../observe/testing.ts";
import { ResizeLog } from "./log.ts";
import { QuotaRoom } from "./quotaRoom.ts";
import { planRound, type RoundPlan } from "./roundPlan.ts";
import { aResizePolicy as policy, sized } from "./testing.ts";
import { verdict } from "./verdict.ts";

const anything: NamespaceBounds = { limitRanges: () => [], quotas: () => [] };

function wanting(pods: readonly PodState[], requestMilli: number, limitMilli: number): NodeDecision {
  const bid = { weight: 1, floorMilli: 0, capMilli: limitMilli };
  const targets = pods.map(({ uid }): Target => ({
    podUid: uid,
    container: "app",
    requestMilli,
    limitMilli,
    bid,
    rationMilli: null,
    binding: "Need",
    pressed: true,
  }));
  const prices = { limitPrice: 0, requestPrice: 0, credits: new Map() };
  return {
    node: "node-1",
    capacityMilli: 1900,
    scarceSinceMs: null,
    mode: "uncongested",
    startMilli: null,
    ...prices,
    targets,
  };
}

const clock = new VirtualClock();

function planned(
  pods: readonly PodState[],
  sight: NodeSight,
  {
    bounds = anything,
    quotas = new QuotaRoom(clock),
    log = new ResizeLog(),
    startMilli = 2000,
  }: { bounds?: NamespaceBounds; quotas?: QuotaRoom; log?: ResizeLog; startMilli?: number | null } = {},
): RoundPlan {
  const verdictOf = (pod: PodState): ReturnType<typeof verdict> => verdict(pod, 0);
  const context = { bounds, log, quotas, verdictOf, isDecided: () => false, policy, nowMs: 100_000 };
  const decision = { ...wanting(pods, 300, 600), startMilli };
  return planRound(observeNode("node-1", sight), decision, context);
}

describe("a round's plan", () => {
  it("gives back what the market took from a pod that it leaves alone since", () => {
    const squeezed = aPod({ qos: "Guaranteed", containers: [sized(260, 260)] });
    const view = aView([squeezed], { allocations: [aRecord(squeezed, "400m", "400m")] });
    const { resizes } = planned(
      [squeezed],
      aSight(view, { settings: { mode: "requests", limits: "ample", ...notSizing } }),
    );
    expect(resizes).toMatchObject([
      { cause: "release", containers: [{ name: "app", requestMilli: 400, limitMilli: 400 }] },
    ]);
  });

  it("reverts what a node has refused for ever, and asks for nothing else", () => {
    const stuck = aPod({
      qos: "Guaranteed",
      containers: [sized(900, 900, { allocatedMilli: 400, actual: { requestMilli: 400, limitMilli: 400 } })],
      resizePending: { reason: "Infeasible", message: "static policy", observedGeneration: 1 },
    });
    const barred = (): { reason: string; message: string } => ({ reason: "StaticManager", message: "static policy" });
    const { resizes } = planned([stuck], aSight(aView([stuck]), { barred }));
    expect(resizes).toMatchObject([
      { cause: "revert", containers: [{ name: "app", requestMilli: 400, limitMilli: 400 }] },
    ]);
  });

  it("shares what a quota leaves among its pods, and counts what is on its way", () => {
    const pods = ["a", "b", "c"].map((uid) => aPod({ uid, name: uid, containers: [sized(100, 200)] }));
    const quota = {
      uid: "q",
      namespace: "default",
      name: "team",
      scopes: [],
      requestLeftMilli: 300,
      limitLeftMilli: null,
    };
    const bounds: NamespaceBounds = { limitRanges: () => [], quotas: () => [quota] };
    const more = ({ resizes }: RoundPlan): number[] => resizes.map(({ requestDeltaMilli }) => requestDeltaMilli);
    const first = planned(pods, aSight(aView(pods)), { bounds });
    expect(more(first)).toEqual([200, 100, 0]);
    expect([...first.bounds.keys()]).toEqual(["b", "c"]);
    const quotas = new QuotaRoom(clock);
    quotas.take(first.resizes[0]!);
    const others = pods.slice(1);
    expect(more(planned(others, aSight(aView(others)), { bounds, quotas }))).toEqual([100, 0]);
  });

  it("keeps what was asked of a quota until its count has come, a moment after the pod", async () => {
    const pods = [aPod({ containers: [sized(100, 200)] })];
    const [resize] = planned(pods, aSight(aView(pods))).resizes;
    const quotas = new QuotaRoom(clock);
    const held = (): number => quotas.heldByOthers("default", "another").requestMilli;
    const hold = quotas.take(resize!);
    let seen = false;
    hold.until(() => seen);
    expect(held()).toBe(200);
    seen = true;
    expect(held()).toBe(200);
    await clock.advance(1_000);
    expect(held()).toBe(0);
  });
});

describe("a mode that does less than the one before", () => {
  const left = aPod({ containers: [sized(130, 900)] });
  const view = aView([left], { allocations: [aRecord(left, "400m", "600m")] });
  const inMode = (mode: "recommend" | "requests", of = view): NodeSight =>
    aSight(of, { settings: { mode, limits: "ample", ...notSizing } });

  it("gives back requests and limits where nothing is resized any more", () => {
    const { resizes } = planned([left], inMode("recommend"));
    const containers = [{ name: "app", requestMilli: 400, limitMilli: 600 }];
    expect(resizes).toMatchObject([{ cause: "release", containers }]);
  });

  it("gives back limits alone where requests are still managed, before it goes on with requests", () => {
    const { resizes } = planned([left], inMode("requests"));
    const containers = [{ name: "app", requestMilli: 130, limitMilli: 600 }];
    expect(resizes).toMatchObject([{ cause: "release", containers }]);
    const back = aPod({ containers: [sized(130, 600)] });
    const then = planned([back], inMode("requests", aView([back], { allocations: [aRecord(back, "400m", "600m")] })));
    expect(then.resizes).toMatchObject([{ cause: "market" }]);
  });

  it("takes a request down with the limit that had gone along with it, and keeps the pod's class", () => {
    const memory = { memoryRequestBytes: 1, memoryLimitBytes: 1 };
    const raised = aPod({ containers: [sized(800, 900, memory)] });
    const of = aView([raised], { allocations: [aRecord(raised, "400m", "600m")] });
    expect(planned([raised], inMode("requests", of)).resizes).toMatchObject([
      { containers: [{ name: "app", requestMilli: 590, limitMilli: 600 }] },
    ]);
  });

  it("touches nobody who has what he declared, and nothing that somebody else has just set", () => {
    const own = aPod({ containers: [sized(400, 600)] });
    expect(planned([own], inMode("recommend", aView([own]))).resizes).toEqual([]);
    const foreignCpu = [
      { container: "app", field: "requestMilli", manager: "kubectl" },
      { container: "app", field: "limitMilli", manager: "kubectl" },
    ] as const;
    const set = { ...left, foreignCpu };
    const of = aView([set], { allocations: [aRecord(set, "400m", "600m")] });
    expect(planned([set], inMode("recommend", of)).resizes).toEqual([]);
  });

  it.each(["recommend", "requests"] as const)("to %s does not ask again at once for what was refused", (mode) => {
    const log = new ResizeLog();
    log.refused(left.uid, ["request", "limit", "cut"], { reason: "Forbidden", message: "no" }, 99_000);
    expect(planned([left], inMode(mode), { log }).resizes).toEqual([]);
  });
});

describe("a pod whose containers are about to start", () => {
  const waits = { running: false, actual: null, allocatedMilli: null, containerId: "" };
  const starting = (part: Partial<PodState> = {}): PodState =>
    aPod({ phase: "Pending", ready: false, containers: [sized(100, 500, waits)], ...part });
  const start = (pod: PodState, more: Parameters<typeof planned>[2] = {}): RoundPlan =>
    planned([pod], aSight(aView([pod])), more);
  const limitsOf = ({ resizes }: RoundPlan): (number | null)[] =>
    resizes.flatMap(({ containers }) => containers.map(({ limitMilli }) => limitMilli));

  it("begins with the node's CPU as limit, and the request that it has", () => {
    const { resizes } = start(starting());
    const containers = [{ name: "app", requestMilli: 100, limitMilli: 2000 }];
    expect(resizes).toMatchObject([{ cause: "start", containers, requestDeltaMilli: 0 }]);
  });

  it("begins within what its owner and its namespace allow, of which nothing is told", () => {
    const owned = starting({ annotations: { "mbcas.io/max-cpu": "800m" } });
    expect(limitsOf(start(owned))).toEqual([800]);
    const container = { ...unbounded, maxMilli: 700 };
    const range = { uid: "r", namespace: "default", name: "range", container, pod: unbounded };
    const within = start(starting(), { bounds: { limitRanges: () => [range], quotas: () => [] } });
    expect([limitsOf(within), within.bounds.size]).toEqual([[700], 0]);
  });

  it("takes nothing of a quota on limits, of which the next pod lives", () => {
    const left = { uid: "q", namespace: "default", name: "team", scopes: [], requestLeftMilli: null };
    const quotas = (limitLeftMilli: number | null): NamespaceBounds => ({
      limitRanges: () => [],
      quotas: () => [{ ...left, limitLeftMilli }],
    });
    expect(limitsOf(start(starting(), { bounds: quotas(10_000) }))).toEqual([]);
    expect(limitsOf(start(starting(), { bounds: quotas(null) }))).toEqual([2000]);
  });

  it.each<[string, PodState]>([
    ["has no limit", starting({ containers: [sized(100, null, waits)] })],
    ["is Guaranteed", starting({ qos: "Guaranteed", containers: [sized(100, 100, waits)] })],
    ["has begun", starting({ containers: [sized(100, 500, waits), sized(100, 500, { containerId: "a" })] })],
    ["has no node yet", starting({ node: "" })],
    ["goes already", starting({ terminating: true })],
    ["has as much", starting({ containers: [sized(100, 2000, waits)] })],
    ["lets requests alone be changed", starting({ annotations: { "mbcas.io/mode": "requests" } })],
  ])("has what it has where it %s", (_, pod) => {
    expect(start(pod).resizes).toEqual([]);
  });

  it("has what it has while the node has no room, and where more was refused just now", () => {
    expect(start(starting(), { startMilli: null }).resizes).toEqual([]);
    const log = new ResizeLog();
    log.refused("uid-1", ["limit"], { reason: "Forbidden", message: "no" }, 99_000);
    expect(start(starting(), { log }).resizes).toEqual([]);
  });
});
