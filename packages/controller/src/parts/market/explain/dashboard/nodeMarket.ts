import type { DashboardNode, NodePod } from "@walras/api";

import { dashboardLimits } from "../../../../base/dashboard/limits.ts";
import type { NodeReading } from "../../../../base/telemetry/ledger/readings.ts";
import { targetsOf } from "../../decide/byPod.ts";
import type { NodeDecision, Target } from "../../decide/snapshot.ts";
import { cpuMilliOf, freshUse } from "../../observe/nodeUse.ts";
import { tightest } from "../record.ts";
import type { PodOutcome, RoundResult } from "../result.ts";
import { limitOf, requestOf } from "../sums.ts";
import { sumsOf, sumsWithoutRound } from "./nodeSums.ts";
import { podUse } from "./podUse.ts";
import type { MarketSight } from "./sight.ts";
import { pricePerCore } from "./price.ts";

/** One node's market. @returns null: there is no such node */
export function nodeMarket(name: string, sight: MarketSight): DashboardNode | null {
  const { cluster, ledger, policy, clock, resultOf } = sight;
  const node = cluster.node(name);
  if (!node) return null;
  const reading = ledger.node(name);
  const use = freshUse(reading, policy, clock.monotonicMs());
  const cpuMilli = cpuMilliOf(node, reading);
  const result = resultOf(name);
  const { promisedMilli } = result ? sumsOf(result) : sumsWithoutRound(cluster.podsOn(name));
  return {
    node: name,
    atMs: clock.wallMs(),
    state: stateOf(result, use !== null),
    unknownBecause: use === null ? whyUnknown(reading, clock.monotonicMs()) : null,
    cpuMilli,
    allocatableMilli: node.allocatableMilli,
    promisedMilli: Math.max(0, promisedMilli),
    usedMilli: use === null ? null : Math.round(use.fraction * cpuMilli),
    ...(result ? marketOf(result, clock) : noMarket),
    ...rowsOf(result, sight),
  };
}

/** A node of which nobody has decided has enough, as far as is known. */
export function stateOf(result: RoundResult | undefined, isKnown: boolean): DashboardNode["state"] {
  return isKnown ? (result?.decision.mode ?? "uncongested") : "unknown";
}

function rowsOf(result: RoundResult | undefined, sight: MarketSight): Pick<DashboardNode, "pods" | "podsLeftOut"> {
  const rows = result ? result.outcomes.filter(isShown).map((outcome) => podRow(outcome, result, sight)) : [];
  const pods = rows.toSorted(byUrgency).slice(0, dashboardLimits.podsOfNode);
  return { pods, podsLeftOut: rows.length - pods.length };
}

type Market = Pick<DashboardNode, "capacityMilli" | "othersMilli" | "price" | "requestPrice" | "scarceSinceMs">;

const noMarket: Market = { capacityMilli: 0, othersMilli: null, price: 0, requestPrice: 0, scarceSinceMs: null };

function marketOf({ decision, observation }: RoundResult, clock: MarketSight["clock"]): Market {
  const { capacityMilli, limitPrice, requestPrice, scarceSinceMs } = decision;
  return {
    capacityMilli: Math.max(0, capacityMilli),
    othersMilli: rounded(observation.snapshot.othersMilli),
    price: pricePerCore(limitPrice),
    requestPrice: pricePerCore(requestPrice),
    scarceSinceMs: scarceSinceMs === null ? null : clock.wallMs() - (clock.monotonicMs() - scarceSinceMs),
  };
}

/** @param reading what its agent said last; null: never anything */
function whyUnknown(reading: NodeReading | null, nowMs: number): string {
  if (reading === null) return "no agent has told of it yet";
  const seconds = Math.round((nowMs - reading.atMs) / 1000);
  return seconds <= 1 ? "its agent does not tell what is used of it" : `its agent was heard ${seconds} s ago`;
}

function isShown({ managed: { mode } }: PodOutcome): boolean {
  return mode !== "off";
}

/** Rationed ones first, then who wants most. */
function byUrgency(one: NodePod, other: NodePod): number {
  const rationed = Number(other.rationMilli !== null) - Number(one.rationMilli !== null);
  return rationed === 0 ? (other.wantsMilli ?? 0) - (one.wantsMilli ?? 0) : rationed;
}

function podRow({ managed, verdict, ration }: PodOutcome, { decision }: RoundResult, sight: MarketSight): NodePod {
  const { pod, leftAlone } = managed;
  const targets = targetsOf(decision, pod.uid);
  const bids = targets.filter(({ binding }) => binding !== "Held");
  const sum = (of: (target: Target) => number): number | null =>
    bids.length === 0 ? null : bids.reduce((total, target) => total + of(target), 0);
  return {
    namespace: pod.namespace,
    name: pod.name,
    wantsMilli: rounded(sum(({ bid }) => bid.capMilli)),
    guaranteedMilli: rounded(sum(({ bid }) => bid.floorMilli)),
    rationMilli: rounded(ration?.rationMilli ?? null),
    ...podUse(pod, sight),
    requestMilli: requestOf(pod),
    limitMilli: limitOf(pod.containers.map(({ desired }) => desired.limitMilli)),
    weight: sum(({ bid }) => bid.weight),
    pays: sum((target) => paysOf(target, decision)),
    binding: leftAlone ? "LeftAlone" : bindingOf(targets),
    standing: leftAlone?.reason ?? verdict.kind,
    creditSeconds: Math.round(decision.credits.get(pod.uid) ?? 0) / 1000,
  };
}

/**
 * λ · (x − d): what of its weight a bidder spends (the optimality condition of
 * `clear`, x = min(m, d + w/λ)). Where not even guarantees fit they are bid for as well: λ · x.
 */
function paysOf({ bid, rationMilli }: Target, { limitPrice, mode }: NodeDecision): number {
  if (mode === "uncongested" || !Number.isFinite(limitPrice)) return 0;
  const given = rationMilli ?? bid.capMilli;
  const beyond = mode === "overloaded" ? given : Math.max(0, given - bid.floorMilli);
  return Number((limitPrice * beyond).toPrecision(3));
}

export function bindingOf(targets: readonly Target[]): NodePod["binding"] {
  return targets.length === 0 ? "LeftAlone" : tightest(targets);
}

function rounded(milli: number | null): number | null {
  return milli === null ? null : Math.round(milli);
}
