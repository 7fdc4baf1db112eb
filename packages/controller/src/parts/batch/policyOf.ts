import { defaultSlotPolicy, type SlotPolicy } from "./decide/policy.ts";
import type { BatchFlags } from "./flags.ts";

/** Which nodes have slots, as the flags say it. */
export function slotPolicy(flags: BatchFlags): SlotPolicy {
  const [key, value] = keyAndValue(flags.batchEligible);
  return {
    ...defaultSlotPolicy,
    eligibleLabel: { key, value },
    strandedMs: flags.batchStrandedAfter * 1000,
    cpuThreshold: flags.batchThreshold,
    excluded: new Set(flags.batchExclude),
    tolerations: flags.batchTolerate.map((text) => {
      const [taint, of] = keyAndValue(text);
      return { key: taint, value: text.includes("=") ? of : undefined };
    }),
  };
}

export function keyAndValue(text: string): [string, string] {
  const at = text.indexOf("=");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
