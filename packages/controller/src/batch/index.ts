export { rankFree } from "./rank/rank.ts";
export { SlotLedger } from "./slots/ledger.ts";
export type { Slot } from "./slots/node.ts";
export { defaultSlotPolicy } from "./slots/policy.ts";
