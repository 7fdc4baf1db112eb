export { podAllocationCrd } from "./crd.ts";
export { lesserMode, type LimitsSetting, limitsSettings, marketModes, type MarketModeSetting } from "./mode.ts";
export { workloadProfileCrd } from "./profileCrd.ts";
export {
  type ContainerProfile,
  workloadProfileResource,
  type WorkloadProfileSpec,
  workloadProfileSpec,
} from "./workloadProfile.ts";
export { creationBindings, creationPolicies, creationPolicyName } from "./admission/policies.ts";
export { guardBindings, guardPolicies } from "./admission/guards.ts";
export { creationProfileCrd } from "./creationCrd.ts";
export { type ExplainedKind, explainedKinds, type Explanation, explanationSchema } from "./explanation.ts";
export {
  type ContainerCreation,
  creationProfileName,
  creationProfileResource,
  type CreationProfileSpec,
  creationProfileSpec,
} from "./creationProfile.ts";
export { readDeclared, type SizedContainer } from "./declared.ts";
export {
  gpuSchedulingMapResource,
  type GpuSchedulingMapSpec,
  gpuSchedulingMapSpec,
  type GpuSchedulingMapStatus,
} from "./gpuSchedulingMap.ts";
export { gpuSchedulingMapCrd } from "./gpuMapCrd.ts";
export { annotations, declaredAnnotation, fieldManager, managedLabel } from "./names.ts";
export {
  type AllocationPhase,
  type PodAllocation,
  podAllocationResource,
  type PodAllocationSpec,
  podAllocationSpec,
  type PodAllocationStatus,
} from "./podAllocation.ts";
export { leastWeight, mostWeight, type PodPolicy, type PolicyComplaint, readPodPolicy } from "./podPolicy.ts";
export { intentResource, type IntentSpec, intentSpec, type IntentStatus, intentStatus } from "./intent.ts";
export { intentCrd, kpiProfileCrd } from "./intentCrds.ts";
export { kpiProfileResource, type KpiProfileSpec, kpiProfileSpec, type KpiProfileStatus } from "./kpiProfile.ts";
export {
  type DashboardError,
  dashboardError,
  type DashboardExplanation,
  dashboardExplanation,
  type DashboardMe,
  dashboardMe,
  tokenFragment,
} from "./dashboard/common.ts";
export {
  type DashboardSummary,
  dashboardSummary,
  highestPrice,
  type NodeState,
  nodeStates,
  type SummaryCells,
  summaryCells,
  type SummaryDelta,
  summaryDelta,
  type SummaryStrip,
  summaryStrip,
} from "./dashboard/summary.ts";
export { applyDelta } from "./dashboard/delta.ts";
export { type DeltaBounds, deltaBounds, DeltaWriter } from "./dashboard/deltaWriter.ts";
export { type DashboardNode, dashboardNode, type NodePod } from "./dashboard/node.ts";
export {
  type DashboardPod,
  dashboardPod,
  type PodContainer,
  type PodDecision,
  type PodGhost,
  type PodPoints,
} from "./dashboard/pod.ts";
export { type DashboardReleases, dashboardReleases, type OpenSpan, type QueuedRelease } from "./dashboard/releases.ts";
export { type DashboardSlot, type DashboardSlots, dashboardSlots, type SlotOwner } from "./dashboard/slots.ts";
export { type DashboardGpu, type DashboardGpus, dashboardGpus, type GpuSeat } from "./dashboard/gpus.ts";
export { type DashboardIntent, type DashboardIntents, dashboardIntents } from "./dashboard/intents.ts";
export {
  type DashboardEventName,
  dashboardEventNames,
  type DecisionEvent,
  decisionEvent,
  type SummaryEvent,
  summaryEvent,
} from "./dashboard/events.ts";
export { explainKeys } from "./dashboard/explainKeys.ts";
export { contentSecurityPolicy } from "./dashboard/policy.ts";
