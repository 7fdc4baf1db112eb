import { agents, apiServer, type ExplainedNumber } from "./number.ts";

/** Of a pod's time line, and of the other parts. */
export const others: Readonly<Record<string, ExplainedNumber>> = {
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
