import type { VerdictKind } from "../../../base/told/decision.ts";

const onIntent = (event: VerdictKind["event"], meaning: string): VerdictKind => ({ about: "Intent", event, meaning });

/** What is told of Intents. */
export const intentVerdicts = {
  IntentFulfilled: onIntent("Normal", "every objective is met"),
  IntentUnknown: onIntent("Warning", "what is missing or stale: nothing is done"),
  IntentUnreachable: onIntent("Warning", "what bounds it, or that nothing leads to its objectives"),
  IntentConflict: onIntent("Warning", "who else decides about the same workload"),
  IntentRefused: onIntent("Warning", "it asks for a workload that is not its own"),
  InvalidIntent: onIntent("Warning", "which field cannot be read; nothing is planned for it"),
  PlanDrafted: onIntent("Normal", "what would be done, were the intent active"),
  PlanExecuted: onIntent("Normal", "what was done, and why"),
  PlanNotExecuted: onIntent("Warning", "what kept a plan from being carried out, or why it was taken back"),
  PlanHalfExecuted: onIntent("Warning", "what failed, and what could not be taken back"),
  PlanTakenBack: onIntent("Warning", "it took too much: what was seen, and that it is taken back"),
  PlanEffect: onIntent(null, "what was predicted of a plan, and what was seen"),
} as const satisfies Readonly<Record<string, VerdictKind>>;

export type IntentVerdict = keyof typeof intentVerdicts;
