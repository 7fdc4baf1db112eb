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
export { type PodPolicy, type PolicyComplaint, readPodPolicy } from "./podPolicy.ts";
export { intentResource, type IntentSpec, intentSpec, type IntentStatus, intentStatus } from "./intent.ts";
export { intentCrd, kpiProfileCrd } from "./intentCrds.ts";
export { kpiProfileResource, type KpiProfileSpec, kpiProfileSpec, type KpiProfileStatus } from "./kpiProfile.ts";
