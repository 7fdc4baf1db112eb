import { agents, apiServer, rounds, money, type ExplainedNumber } from "./number.ts";

/** Of the strip and of a cell of the heat map. */
export const overall: Readonly<Record<string, ExplainedNumber>> = {
  "strip.throttledSecondsPerMinute": {
    title: "Throttled",
    unit: "seconds a minute",
    formula:
      "60 × Σ over containers of throttled time per second: cpu.stat's throttled_usec, which the kernel sums over run queues",
    source: agents,
  },
  "strip.allocatableMilli": {
    title: "Allocatable",
    unit: "millicores",
    formula: "Σ over nodes of status.allocatable.cpu",
    source: apiServer,
  },
  "strip.promisedMilli": {
    title: "Promised",
    unit: "millicores",
    formula:
      "Σ over pods of what the scheduler counts: the largest of what is desired, admitted and enforced, init containers and overhead included",
    source: apiServer,
  },
  "strip.usedMilli": {
    title: "Used",
    unit: "millicores",
    formula:
      "Σ over nodes that are known of the busy share of their CPU × their CPU; a node that is not known is left out, not taken for idle",
    source: agents,
  },
  "strip.rationedPods": {
    title: "Rationed",
    unit: "",
    formula: "pods that want more than min(what they want, guarantee + weight ÷ price), on nodes whose CPU is used up",
    source: rounds,
  },
  "strip.pods": {
    title: "Pods on the market",
    unit: "",
    formula: "pods that opted in, by label or namespace",
    source: rounds,
  },
  "strip.nodes": { title: "Nodes", unit: "", formula: "nodes of the cluster", source: apiServer },
  "strip.unknownNodes": {
    title: "Unknown nodes",
    unit: "",
    formula: "nodes whose agent has told nothing for longer than is believed; their pods hold what they have",
    source: agents,
  },
  "strip.conflicts": {
    title: "Conflicts",
    unit: "",
    formula:
      "pods that a VerticalPodAutoscaler sizes + intents whose workload another intent decides about + GPUs on which a pod was not meant to be",
    source: "the parts that run here",
  },
  "strip.declaredMilli": {
    title: "Declared requests",
    unit: "millicores",
    formula: "Σ over pods on the market of the requests that their owners set",
    source: rounds,
  },
  "strip.requestedMilli": {
    title: "Requests now",
    unit: "millicores",
    formula: "Σ over pods on the market of the requests in their spec",
    source: rounds,
  },
  "strip.recommendedMilli": {
    title: "Requests recommended",
    unit: "millicores",
    formula:
      "Σ over pods on the market of what their last round would have them request; where none says, what they request",
    source: rounds,
  },
  "strip.coreHourPrice": {
    title: "A core an hour",
    unit: "money",
    formula: "--core-hour-price",
    source: "the controller's flags",
  },
  "strip.promisedPerMonth": {
    title: "Promised a month",
    unit: "money",
    formula: "promised cores × price of a core-hour × 730 hours",
    source: money,
    of: ["promisedMilli", "coreHourPrice"],
  },
  "strip.savedPerMonth": {
    title: "Saved a month",
    unit: "money",
    formula:
      "(declared − requested) cores × price of a core-hour × 730 hours; money is saved once fewer nodes are kept",
    source: money,
    of: ["declaredMilli", "requestedMilli", "coreHourPrice"],
  },
  "strip.offeredPerMonth": {
    title: "To be saved a month",
    unit: "money",
    formula: "(requested − recommended) cores × price of a core-hour × 730 hours",
    source: money,
    of: ["requestedMilli", "recommendedMilli", "coreHourPrice"],
  },
  "cell.price": {
    title: "Price of the node's CPU",
    unit: "per core",
    formula:
      "λ of max Π (x − d)^w subject to Σx ≤ C and d ≤ x ≤ m: Σ weight ÷ Σ (given − guaranteed) over those who want more; 0 while everybody has what it wants",
    source: rounds,
  },
  "cell.used": {
    title: "Used of the node",
    unit: "percent",
    formula: "busy CPU time ÷ CPU time of the last window",
    source: agents,
  },
};
