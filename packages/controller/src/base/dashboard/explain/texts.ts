/** How a number comes about, but for what it is made of now. */
export interface ExplainedNumber {
  readonly title: string;
  /** Empty: a plain count, or a ratio. */
  readonly unit: string;
  readonly formula: string;
  readonly source: string;
  /** Numbers of the strip that it is made of. */
  readonly of?: readonly string[];
}

const agents = "what agents read from the kernel's cgroups and /proc, each second";
const apiServer = "the API server, watched";
const rounds = "the last round of each node's market";
const money = "--core-hour-price, and the API server, watched";

/** Of the strip and of a cell of the heat map. */
const overall: Readonly<Record<string, ExplainedNumber>> = {
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

/** Of a node's market, and a row of it. */
const market: Readonly<Record<string, ExplainedNumber>> = {
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

/** Of a pod's time line, and of the other parts. */
const others: Readonly<Record<string, ExplainedNumber>> = {
  "pod.used": {
    title: "Used",
    unit: "millicores",
    formula: "Σ over containers of usage_usec per second",
    source: agents,
  },
  "pod.throttled": {
    title: "Throttled",
    unit: "thousandths of a second a second",
    formula: "Σ over containers of throttled_usec per second",
    source: agents,
  },
  "pod.limit": {
    title: "Limit",
    unit: "millicores",
    formula: "Σ over containers of the limit that the node enforces",
    source: apiServer,
  },
  "pod.request": {
    title: "Request",
    unit: "millicores",
    formula: "Σ over containers of the request that the node enforces",
    source: apiServer,
  },
  "ghost.throttledSeconds": {
    title: "Throttled under the declared limit",
    unit: "seconds",
    formula:
      "Σ of each point's time × throttled, where throttled = what it wanted − the declared limit, and at least what a larger limit has throttled it; what it wanted = used + throttled. Work that waits is not added to the next second: it is a lower bound",
    source: "the pod's time line",
  },
  "ghost.actualThrottledSeconds": {
    title: "Throttled as it was",
    unit: "seconds",
    formula: "Σ of each point's time × throttled, over the same points",
    source: "the pod's time line",
  },
  "ghost.declaredLimitMilli": {
    title: "Declared limit",
    unit: "millicores",
    formula: "Σ over containers of the limit that the owner set",
    source: "the pod's PodAllocation, and its spec",
  },
  "release.score": {
    title: "Score",
    unit: "",
    formula: "depth + inverse resource + risk + window + wait; the largest goes first",
    source: "CARLA's last decision",
  },
  "release.headroom": {
    title: "Headroom",
    unit: "",
    formula: "1 − max(CPU used ÷ its threshold, memory used ÷ its threshold)",
    source: "what CARLA measures the cluster by",
  },
  "slots.allowed": {
    title: "Jobs that may start",
    unit: "",
    formula: "free slots − Jobs on no node yet − grants that no Job has taken up",
    source: "the slots below",
  },
  "slots.threshold": {
    title: "Threshold",
    unit: "share of CPU",
    formula: "--batch-threshold",
    source: "the controller's flags",
  },
  "gpu.drift": {
    title: "Drift",
    unit: "",
    formula: "pods and GPUs of which two sources that tell something differ",
    source: "the map, the kubelet, the pod's variable and nvidia-smi's processes",
  },
  "intent.cost": {
    title: "Cost",
    unit: "of what the workload takes now",
    formula:
      "what the state that the plan ends in takes ÷ what the workload takes now + a disturbance for each step − the same of doing nothing",
    source: "the planner's last round",
  },
};

/** By key. */
export const explainedNumbers: Readonly<Record<string, ExplainedNumber>> = { ...overall, ...market, ...others };
