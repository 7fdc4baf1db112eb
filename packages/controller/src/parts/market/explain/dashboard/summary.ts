import { nodeStates, type SummaryCells, type SummaryStrip } from "@walras/api";

import type { NodeState } from "../../../../base/cluster/node.ts";
import { moneyOf } from "../../../../base/dashboard/summaryNow.ts";
import { cpuMilliOf, freshUse } from "../../observe/nodeUse.ts";
import { type NodeSums, sumsOf, sumsWithoutRound } from "./nodeSums.ts";
import { stateOf } from "./nodeMarket.ts";
import { pricePerCore } from "./price.ts";
import type { MarketSight } from "./sight.ts";

/** A node at this moment. */
interface NodeNow extends NodeSums {
  readonly name: string;
  readonly allocatableMilli: number;
  /** null: not known. */
  readonly used: { readonly fraction: number; readonly milli: number } | null;
  readonly throttledMilli: number;
  readonly price: number;
  readonly state: number;
}

/** All nodes in sums, and each as a cell. */
export function marketSummary(
  sight: MarketSight,
  coreHourPrice: number,
): { readonly strip: SummaryStrip; readonly cells: SummaryCells } {
  const nodes = [...sight.cluster.nodes.values()].map((node) => nodeNow(node, sight));
  return { strip: stripOf(nodes, coreHourPrice), cells: cellsOf(nodes) };
}

function nodeNow(node: NodeState, sight: MarketSight): NodeNow {
  const { name, allocatableMilli } = node;
  const { cluster, ledger, policy, clock, resultOf, throttled } = sight;
  const result = resultOf(name);
  const reading = ledger.node(name);
  const use = freshUse(reading, policy, clock.monotonicMs());
  const fraction = use?.fraction ?? null;
  const sums = result ? sumsOf(result) : sumsWithoutRound(cluster.podsOn(name));
  return {
    ...sums,
    name,
    allocatableMilli,
    used: fraction === null ? null : { fraction, milli: fraction * cpuMilliOf(node, reading) },
    throttledMilli: fraction === null ? 0 : throttled.milli(name),
    price: pricePerCore(result?.decision.limitPrice ?? 0),
    state: nodeStates.indexOf(stateOf(result, fraction !== null)),
  };
}

function stripOf(nodes: readonly NodeNow[], coreHourPrice: number): SummaryStrip {
  const sum = (of: (node: NodeNow) => number): number => Math.round(nodes.reduce((total, node) => total + of(node), 0));
  const known = nodes.some(({ used }) => used !== null);
  const amounts = {
    promisedMilli: sum(({ promisedMilli }) => promisedMilli),
    declaredMilli: sum(({ declaredMilli }) => declaredMilli),
    requestedMilli: sum(({ requestedMilli }) => requestedMilli),
    recommendedMilli: sum(({ recommendedMilli }) => recommendedMilli),
  };
  return {
    throttledSecondsPerMinute: known ? sum(({ throttledMilli }) => throttledMilli * 0.6) / 10 : null,
    allocatableMilli: sum(({ allocatableMilli }) => allocatableMilli),
    usedMilli: known ? sum(({ used }) => used?.milli ?? 0) : null,
    rationedPods: sum(({ rationed }) => rationed),
    pods: sum(({ pods }) => pods),
    nodes: nodes.length,
    unknownNodes: nodes.filter(({ used }) => used === null).length,
    conflicts: sum(({ conflicts }) => conflicts),
    ...amounts,
    ...moneyOf(amounts, coreHourPrice),
  };
}

function cellsOf(nodes: readonly NodeNow[]): SummaryCells {
  return {
    node: nodes.map(({ name }) => name),
    price: nodes.map(({ price }) => price),
    used: nodes.map(({ used }) => (used === null ? null : Math.min(100, Math.round(used.fraction * 100)))),
    state: nodes.map(({ state }) => state),
    pods: nodes.map(({ pods }) => pods),
    rationed: nodes.map(({ rationed }) => rationed),
  };
}
