import type { Rule } from "../rule.ts";
import { fixedRules } from "./declared.ts";
import { mbcas } from "./mbcas.ts";
import { percentileRules } from "./percentile.ts";
import { vpaRules } from "./vpa.ts";

/** What people use instead of ours. */
export const peerRules: readonly Rule[] = [...fixedRules, ...percentileRules, ...vpaRules, mbcas];
