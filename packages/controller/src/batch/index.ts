export { completionsOf } from "./cluster/runs.ts";
export { scaledJobResource } from "./cluster/scaledJob.ts";
export { demandSpecOf, itemsPerJobOf } from "./demand/metadata.ts";
export { rankFree } from "./rank/rank.ts";
export { rankManager, slotLabel } from "./rank/ranker.ts";
export { SlotLedger } from "./slots/ledger.ts";
export type { Slot } from "./slots/node.ts";
export { defaultSlotPolicy } from "./slots/policy.ts";
