import type { DashboardNode, DashboardSummary, NodePod, SummaryStrip } from "@walras/api";
import { seededRng } from "@walras/kit/rng";

/** Monday evening, half an hour after the clinic has closed. */
export const nowMs = Date.UTC(2026, 10, 30, 18, 24, 10);

export const scarceNode = "worker-b-07";
export const unknownNode = "worker-c-11";

const pools = ["a", "b", "c", "d"];
const perPool = 42;

/** A summary of 168 nodes: most have CPU to spare, some have a price, two are not known. */
export function summaryFixture(): DashboardSummary {
  const rng = seededRng(7);
  const node = pools.flatMap((pool) =>
    Array.from({ length: perPool }, (_, at) => `worker-${pool}-${String(at + 1).padStart(2, "0")}`),
  );
  const cells = {
    node,
    price: node.map((name) => (name === scarceNode ? 4.976 : priceOf(rng()))),
    used: node.map(() => Math.round(20 + 70 * rng())) as (number | null)[],
    state: node.map(() => 0),
    pods: node.map(() => 18 + Math.floor(20 * rng())),
    rationed: node.map(() => 0),
  };
  node.forEach((name, row) => {
    const price = cells.price[row] ?? 0;
    if (price > 0) {
      cells.used[row] = 96 + Math.floor(4 * rng());
      cells.state[row] = price > 8 ? 2 : 1;
      cells.rationed[row] = 1 + Math.floor(4 * rng());
    }
    if (name === unknownNode || name === "worker-d-30") {
      cells.state[row] = 3;
      cells.used[row] = null;
      cells.price[row] = 0;
      cells.rationed[row] = 0;
    }
  });
  return {
    kind: "whole",
    seq: 41,
    atMs: nowMs,
    leader: true,
    leaderName: "walras-controller-0",
    parts: ["market", "carla", "batch", "gpu", "intents"],
    strip: stripFixture(sum(cells.rationed), sum(cells.pods)),
    cells,
  };
}

function priceOf(random: number): number {
  return random < 0.8 ? 0 : Number((0.2 + ((random - 0.8) / 0.2) ** 3 * 14).toPrecision(3));
}

export function stripFixture(rationedPods = 61, pods = 4_631): SummaryStrip {
  return {
    throttledSecondsPerMinute: 12.4,
    allocatableMilli: 2_656_000,
    promisedMilli: 1_912_400,
    usedMilli: 1_388_700,
    rationedPods,
    pods,
    nodes: pools.length * perPool,
    unknownNodes: 2,
    conflicts: 3,
    declaredMilli: 2_310_000,
    requestedMilli: 1_640_000,
    recommendedMilli: 1_585_000,
    coreHourPrice: 0.04,
    promisedPerMonth: 1_912.4 * 0.04 * 730,
    savedPerMonth: 670 * 0.04 * 730,
    offeredPerMonth: 55 * 0.04 * 730,
  };
}

const names = ["cart", "checkout", "search", "ledger", "mail", "images", "report", "gateway", "cache", "quota"];

export function nodeFixture(node: string): DashboardNode {
  const isUnknown = node === unknownNode;
  return {
    node,
    atMs: nowMs,
    state: isUnknown ? "unknown" : "congested",
    unknownBecause: isUnknown ? "its agent has not reported for 42 s" : null,
    capacityMilli: 14_800,
    cpuMilli: 16_000,
    allocatableMilli: 15_800,
    promisedMilli: 12_450,
    usedMilli: isUnknown ? null : 15_870,
    othersMilli: isUnknown ? null : 1_200,
    price: isUnknown ? 0 : 4.976,
    requestPrice: 0,
    scarceSinceMs: isUnknown ? null : nowMs - 184_000,
    pods: isUnknown ? [] : names.map(podFixture),
    podsLeftOut: 0,
  };
}

function podFixture(name: string, at: number): NodePod {
  const isRationed = at < 2;
  return {
    namespace: at % 3 === 0 ? "shop" : "team-b",
    name: `${name}-${at}`,
    wantsMilli: at === 9 ? null : 2_650 - at * 210,
    guaranteedMilli: at === 9 ? null : 500,
    rationMilli: isRationed ? 1_790 - at * 300 : null,
    usedMilli: at === 9 ? null : 1_780 - at * 150,
    throttledMilli: isRationed ? 420 : 0,
    requestMilli: 500 + at * 25,
    limitMilli: at % 4 === 3 ? null : 3_000,
    weight: at === 9 ? null : 1,
    pays: isRationed ? 1 : 0.4,
    binding: at === 9 ? "Held" : isRationed ? "Capacity" : "Need",
    standing: at === 9 ? "Unknown" : isRationed ? "Rationed" : "Applied",
    creditSeconds: isRationed ? -84 : 31,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
