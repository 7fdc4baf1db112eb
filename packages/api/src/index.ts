export { podAllocationCrd } from "./crd.ts";
export { lesserMode, marketModes, type MarketModeSetting } from "./mode.ts";
export { annotations, fieldManager, managedLabel } from "./names.ts";
export {
  type AllocationPhase,
  type PodAllocation,
  podAllocationResource,
  type PodAllocationSpec,
  podAllocationSpec,
  type PodAllocationStatus,
} from "./podAllocation.ts";
export { type PodPolicy, type PolicyComplaint, readPodPolicy } from "./podPolicy.ts";
