import type { Ineligibility } from "../observe/eligibility.ts";
import type { Bound } from "../act/breach.ts";
import type { Refusal } from "../act/memory.ts";
import type { Verdict } from "../act/verdict.ts";
import type { RecordedOutcome } from "./record.ts";

/** All that may explain how a pod stands; the first that applies is told. */
export interface Standing {
  readonly leftAlone: Ineligibility | null;
  readonly running: boolean;
  /** Why some request stays as declared; null: none must. */
  readonly kept: string | null;
  readonly recommendOnly: boolean;
  /** It has still what an earlier mode gave it. */
  readonly comingBack: boolean;
  /** What it is told of its ration; null: it has all it would use. */
  readonly rationed: string | null;
  /** No fresh telemetry for any of its containers. */
  readonly unknown: boolean;
  readonly refusal: Refusal | null;
  /** Its raised request waits until others on the node have shrunk. */
  readonly waiting: boolean;
  /** What its namespace keeps it from having. */
  readonly bound: Bound | null;
  readonly verdict: Verdict;
}

/** How a pod stands, in the words of its PodAllocation. */
export function outcomeOf(standing: Standing): RecordedOutcome {
  const { leftAlone, refusal, verdict } = standing;
  if (leftAlone) return { phase: "Pending", ...leftAlone };
  if (!standing.running) return pending("NotRunning", "no container runs that could be resized");
  if (standing.comingBack) return pending("GivenBack", "the mode is recommend: what was declared is given back");
  if (standing.recommendOnly) return pending("Recommended", "the mode is recommend: nothing is resized");
  if (refusal) return fromRefusal(refusal);
  const failed = fromVerdict(verdict);
  if (failed) return failed;
  if (standing.rationed !== null) return { phase: "Applied", reason: "Rationed", message: standing.rationed };
  if (standing.waiting) return pending("WaitingForRoom", "the request rises when others on the node have shrunk");
  return underWay(standing);
}

function underWay({ verdict, bound, unknown, kept }: Standing): RecordedOutcome {
  if (verdict.kind === "inFlight") return pending("InProgress", "the node is applying the resize");
  if (bound) return { phase: "Applied", ...bound };
  if (unknown) return { phase: "Applied", reason: "Unknown", message: "no fresh telemetry: held as it is" };
  if (kept !== null) return { phase: "Applied", reason: "RequestKept", message: kept };
  return { phase: "Applied", reason: "Applied", message: "the node enforces what is desired" };
}

/** What is deferred is not refused: the request waits, whoever asks for it. */
function fromRefusal({ reason, message }: Refusal): RecordedOutcome {
  return { phase: reason === "Deferred" ? "Pending" : "Failed", reason, message };
}

function fromVerdict(verdict: Verdict): RecordedOutcome | null {
  if (verdict.kind === "deferred") return pending("Deferred", verdict.message);
  if (verdict.kind === "infeasible") return { phase: "Failed", reason: "Infeasible", message: verdict.message };
  return verdict.kind === "error" ? { phase: "Failed", reason: "Error", message: verdict.message } : null;
}

function pending(reason: string, message: string): RecordedOutcome {
  return { phase: "Pending", reason, message };
}
