/** What a pod's owner can do where it stands like this, by the reason of its PodAllocation. */
const byReason: Readonly<Record<string, readonly string[]>> = {
  Rationed: [
    "others on the node use less, or leave it",
    "a higher annotation mbcas.io/weight: what is scarce is divided by weight",
    "a higher declared request: it is guaranteed as far as it is used",
  ],
  WaitingForRoom: ["others on the node shrink, which they are asked to do first"],
  Recommended: ["the controller's --mode and the annotation mbcas.io/mode set to requests or full: then it is done"],
  Deferred: ["the kubelet finds room on the node; it tries again by itself"],
  Infeasible: ["a smaller annotation mbcas.io/max-cpu, or a larger node"],
  Unknown: ["the node's agent reports again: see the Events of the node"],
  LimitRange: ["another LimitRange in its namespace"],
  ResourceQuota: ["a larger ResourceQuota in its namespace"],
  RequestKept: [
    "the HorizontalPodAutoscaler does not divide by CPU requests any more: AverageValue instead of Utilization",
  ],
  UnderVpa: ["the VerticalPodAutoscaler's updateMode set to Off"],
};

/** The same, by what binds it. */
const byBinding: Readonly<Record<string, readonly string[]>> = {
  MaxCpu: ["a higher annotation mbcas.io/max-cpu, or none"],
  MinCpu: ["a lower annotation mbcas.io/min-cpu, or none"],
};

/** What binding means, as docs/market.md has it. */
const bindings: Readonly<Record<string, string>> = {
  Need: "it has what it needs and headroom",
  Capacity: "the node is used up; it has its share",
  Floor: "the node is used up; it has its guarantee, which is its declared request as far as it uses it",
  MinCpu: "the owner's annotation mbcas.io/min-cpu gives it this much",
  MaxCpu: "the owner's annotation mbcas.io/max-cpu gives it no more",
  Held: "no fresh telemetry; it keeps what it has",
};

/** The Event that tells the same, where one does. */
const eventReasons: Readonly<Record<string, readonly string[]>> = {
  Rationed: ["MarketRations"],
  Deferred: ["MarketResizeDeferred"],
  Infeasible: ["MarketResizeInfeasible"],
  Error: ["MarketResizeError"],
  RequestKept: ["MarketKeepsRequest"],
  LimitRange: ["MarketBounded"],
  ResourceQuota: ["MarketBounded"],
};

export function changesFor(reason: string, binding: string | undefined): readonly string[] {
  return [...(byReason[reason] ?? []), ...(byBinding[binding ?? ""] ?? [])];
}

export function bindingMeans(binding: string): string {
  return bindings[binding] ?? "";
}

/** Reasons of Events that say when it began to stand like this. */
export function eventsFor(reason: string): readonly string[] {
  return eventReasons[reason] ?? ["MarketLeavesAlone", "MarketResizeRefused"];
}
