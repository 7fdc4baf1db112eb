export { type ConditionType, type MapCondition, type SchedulingMap } from "./decide/map/entry.ts";
export { readMapList, readMapText } from "./decide/map/read.ts";
export { plan, type Plan } from "./decide/plan.ts";
export { Planner } from "./decide/planner.ts";
export { type GpuNode, type GpuPod, wholeMilli } from "./decide/snapshot.ts";
