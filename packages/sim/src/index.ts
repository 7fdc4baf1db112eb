export * from "./cluster/index.ts";
export * from "./scenario/index.ts";
export type { ContainerTruth, Fate, Fates } from "./node/fate.ts";
export { type Demand, demandSchema, type Load, loadAnnotation, loadSchema } from "./workload/index.ts";
