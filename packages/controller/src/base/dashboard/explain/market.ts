import { agents, rounds, type ExplainedNumber } from "./number.ts";

/** Of a node's market, and a row of it. */
export const market: Readonly<Record<string, ExplainedNumber>> = {
  "node.capacityMilli": {
    title: "CPU to divide",
    unit: "millicores",
    formula: "the node's CPU − what others use that does not yield; at least what pods on the market use already",
    source: rounds,
  },
  "node.othersMilli": {
    title: "Used by others",
    unit: "millicores",
    formula:
      "used − used by pods on the market − what pods beside it use beyond their requests; it rises at once and falls with a half-life",
    source: agents,
  },
  "node.price": {
    title: "Price of use",
    unit: "per core",
    formula: "Σ weight ÷ Σ (given − guaranteed) over those who want more; 0 while everybody has what it wants",
    source: rounds,
  },
  "node.requestPrice": {
    title: "Price of requests",
    unit: "per core",
    formula: "the same for requests, where they do not fit what nodes may promise",
    source: rounds,
  },
  "node.scarceSinceMs": {
    title: "Scarce since",
    unit: "time",
    formula: "the first round without a break in which what is idle was less than the node's reserve",
    source: rounds,
  },
  "nodePod.wantsMilli": {
    title: "Wants",
    unit: "millicores",
    formula:
      "Σ over containers of what it would use if nothing held it back: used + throttled; on a node that is used up also what pressure says is lacking",
    source: agents,
  },
  "nodePod.guaranteedMilli": {
    title: "Guaranteed",
    unit: "millicores",
    formula: "Σ over containers of min(declared request, what it needs)",
    source: rounds,
  },
  "nodePod.rationMilli": {
    title: "Ration",
    unit: "millicores",
    formula: "min(wants, guaranteed + weight ÷ price)",
    source: rounds,
  },
  "nodePod.usedMilli": {
    title: "Uses",
    unit: "millicores",
    formula: "Σ over containers of usage_usec per second",
    source: agents,
  },
  "nodePod.throttledMilli": {
    title: "Throttled",
    unit: "thousandths of a second a second",
    formula: "Σ over containers of throttled_usec per second, which the kernel sums over run queues",
    source: agents,
  },
  "nodePod.weight": {
    title: "Weight",
    unit: "",
    formula: "Σ over containers of the pod's weight × its share of the pod × what its credit makes of it",
    source: rounds,
  },
  "nodePod.pays": {
    title: "Pays",
    unit: "weight",
    formula:
      "price × (given − guaranteed), in cores; where not even guarantees fit, price × given. Its whole weight where it could use more",
    source: rounds,
  },
  "nodePod.creditSeconds": {
    title: "Credit",
    unit: "core-seconds",
    formula:
      "Σ over rounds of time × (fair share − given): who takes more than its fair share pays who takes less, and nobody is paid more than was paid",
    source: rounds,
  },
};
