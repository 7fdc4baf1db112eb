export type { ProgramFaults } from "./faults.ts";
export { writeKubeconfig } from "./kubeconfig.ts";
export { ModelSampler } from "./modelSampler.ts";
export { agentIdentity } from "./setup.ts";
export { SimCluster, type SimClusterOptions } from "./simCluster.ts";
export type { NodeFilePaths, SimNode } from "./simNode.ts";
export { type ClusterTruth, type FateSummary, type NodeTruth, type RunSummary, summarise } from "./truth.ts";
