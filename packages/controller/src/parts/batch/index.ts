export { completionsOf } from "./observe/cluster/runs.ts";
export { scaledJobResource } from "./observe/cluster/scaledJob.ts";
export { demandSpecOf, itemsPerJobOf } from "./observe/demand/metadata.ts";
export { credentialKeys, demandKeys, mustHaveDemand } from "./scaler/trigger.ts";
export { rankFree, rankManager, slotLabel } from "./decide/rank.ts";
export { SlotAllocator } from "./slots/allocator.ts";
export type { SlotJob } from "./decide/job.ts";
export type { Slot } from "./decide/slot.ts";
export { defaultSlotPolicy } from "./decide/policy.ts";
