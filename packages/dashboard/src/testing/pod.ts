import type { DashboardPod, PodDecision } from "@walras/api";
import { seededRng } from "@walras/kit/rng";

import { nowMs, scarceNode } from "./cluster.ts";

const seconds = 900;
const declaredLimitMilli = 1_000;

/** Fifteen minutes of a pod that is throttled, is given room, and is rationed in the end. */
export function podTimeLine(): DashboardPod {
  const at = Array.from({ length: seconds }, (_, second) => second);
  const wanted = wantedBySecond();
  const limit = at.map((second) => (second < 200 ? 1_000 : second < 640 ? 2_250 : 1_790));
  const used = at.map((second) =>
    second >= 420 && second < 450 ? null : Math.min(wanted[second] ?? 0, limit[second] ?? 0),
  );
  const ghost = at.map((second) => Math.min(wanted[second] ?? 0, declaredLimitMilli));
  return {
    namespace: "shop",
    name: "cart-0",
    uid: "6f0f8a4e-3f4b-4d0b-9b58-3c0b3c1a7a11",
    node: scarceNode,
    workload: "ReplicaSet/cart",
    mode: "full",
    binding: "Capacity",
    standing: "Rationed",
    containers: containersFixture(),
    recordedSinceMs: nowMs - seconds * 1000,
    points: {
      t: at.map((second) => nowMs / 1000 - seconds + second),
      used,
      throttled: at.map((second) => Math.max(0, (wanted[second] ?? 0) - (limit[second] ?? 0)) * 0.8),
      limit,
      request: at.map((second) => (second < 320 ? 500 : 750)),
      price: at.map((second) => (second < 600 ? 0 : Number((4.976 * (1 - Math.exp((600 - second) / 40))).toFixed(3)))),
    },
    decisions: decisionsFixture(),
    ghost: {
      used: ghost,
      throttled: at.map((second) => Math.max(0, (wanted[second] ?? 0) - declaredLimitMilli) * 0.8),
      declaredLimitMilli,
      throttledSeconds: 612.4,
      actualThrottledSeconds: 48.2,
    },
    recommendation: recommended,
  };
}

/** What it would use, in millicores. */
function wantedBySecond(): readonly number[] {
  const rng = seededRng(3);
  return Array.from({ length: seconds }, (_, second) => {
    const base = 620 + 240 * Math.sin(second / 46) + second * 1.1;
    return Math.round(base + 160 * (rng() - 0.5) + (second > 160 && second < 260 ? 700 : 0));
  });
}

const recommended = `resources:
  requests:
    cpu: 750m
  limits:
    cpu: 2250m
`;

function containersFixture(): DashboardPod["containers"] {
  return [
    {
      name: "cart",
      requestMilli: 650,
      limitMilli: 1_690,
      declaredRequestMilli: 400,
      declaredLimitMilli: 900,
      recommendedRequestMilli: 650,
      recommendedLimitMilli: 2_150,
      usedMilli: 1_640,
      throttledMilli: 420,
    },
    {
      name: "proxy",
      requestMilli: 100,
      limitMilli: 100,
      declaredRequestMilli: 100,
      declaredLimitMilli: 100,
      recommendedRequestMilli: null,
      recommendedLimitMilli: null,
      usedMilli: 40,
      throttledMilli: null,
    },
  ];
}

function decisionsFixture(): PodDecision[] {
  const amounts = (requestMilli: number, limitMilli: number): PodDecision["from"] => ({ requestMilli, limitMilli });
  return [
    {
      id: 101,
      atMs: nowMs - 700_000,
      part: "market",
      cause: "MarketResized",
      reason: "throttled in 31 % of its periods; the node has 5.2 cores to spare",
      from: amounts(500, 1_000),
      to: amounts(500, 2_250),
    },
    {
      id: 117,
      atMs: nowMs - 580_000,
      part: "market",
      cause: "MarketResized",
      reason: "its workload has used 690m for hours",
      from: amounts(500, 2_250),
      to: amounts(750, 2_250),
    },
    {
      id: 139,
      atMs: nowMs - 260_000,
      part: "market",
      cause: "MarketRations",
      reason:
        "the node's CPU is used up: it may use 1790m of the 2650m that it wants; team-b/checkout-1 uses 430m beyond its requests",
      from: amounts(750, 2_250),
      to: amounts(750, 1_790),
    },
  ];
}
