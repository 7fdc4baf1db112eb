import type { Ineligibility } from "../resize/eligibility.ts";
import type { Refusal } from "../resize/plan.ts";
import type { Verdict } from "../resize/verdict.ts";
import type { RecordedOutcome } from "./record.ts";

/** All that may explain how a pod stands; the first that applies is told. */
export interface Standing {
  readonly leftAlone: Ineligibility | null;
  readonly running: boolean;
  readonly recommendOnly: boolean;
  /** No fresh telemetry for any of its containers. */
  readonly unknown: boolean;
  readonly refusal: Refusal | null;
  /** Its raised request waits until others on the node have shrunk. */
  readonly waiting: boolean;
  readonly verdict: Verdict;
}

/** How a pod stands, in the words of its PodAllocation. */
export function outcomeOf(standing: Standing): RecordedOutcome {
  const { leftAlone, refusal, verdict } = standing;
  if (leftAlone) return { phase: "Pending", ...leftAlone };
  if (!standing.running) return pending("NotRunning", "not all containers run");
  if (standing.recommendOnly) return pending("Recommended", "the mode is recommend: nothing is resized");
  if (refusal) return { phase: "Failed", reason: refusal.reason, message: refusal.message };
  const failed = fromVerdict(verdict);
  if (failed) return failed;
  if (standing.waiting) return pending("WaitingForRoom", "the request rises when others on the node have shrunk");
  if (verdict.kind === "inFlight") return pending("InProgress", "the node is applying the resize");
  if (standing.unknown) return { phase: "Applied", reason: "Unknown", message: "no fresh telemetry: held as it is" };
  return { phase: "Applied", reason: "Applied", message: "the node enforces what is desired" };
}

function fromVerdict(verdict: Verdict): RecordedOutcome | null {
  if (verdict.kind === "deferred") return pending("Deferred", verdict.message);
  if (verdict.kind === "infeasible") return { phase: "Failed", reason: "Infeasible", message: verdict.message };
  return verdict.kind === "error" ? { phase: "Failed", reason: "Error", message: verdict.message } : null;
}

function pending(reason: string, message: string): RecordedOutcome {
  return { phase: "Pending", reason, message };
}
