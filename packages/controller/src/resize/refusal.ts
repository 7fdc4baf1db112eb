import type { Refusal } from "./plan.ts";

/** How an attempt to resize ended, where it did not end well. */
export type Failure =
  | { readonly kind: "gone" }
  | { readonly kind: "retry"; readonly message: string }
  | { readonly kind: "refused"; readonly reason: string; readonly message: string };

/** What a failed API call tells about the failure. */
export interface FailedCall {
  readonly status: number;
  readonly reason: string;
  readonly message: string;
  readonly causes: readonly { readonly reason?: string; readonly field?: string }[];
}

/** Sorts an API server's answer to a resize. */
export function classifyFailure(call: FailedCall): Failure {
  if (call.status === 404) return { kind: "gone" };
  if (call.causes.some(({ field }) => field === "metadata.uid")) return { kind: "gone" };
  if (call.status === 403 || call.status === 422 || call.status === 400) {
    return { kind: "refused", reason: refusalReason(call), message: call.message };
  }
  return { kind: "retry", message: call.message };
}

/**
 * - NodeCapacity, UnsupportedPlatform: causes of the PodResizeValidator admission (1.36 on)
 * - QuotaExceeded, LimitRange: told only by their messages
 */
function refusalReason({ status, causes, message, reason }: FailedCall): string {
  const cause = causes.find((one) => one.reason === "NodeCapacity" || one.reason === "UnsupportedPlatform")?.reason;
  if (cause) return cause;
  if (status === 403 && message.includes("exceeded quota")) return "QuotaExceeded";
  if (status === 403 && /(maximum|minimum) cpu usage|limit to request ratio/.test(message)) return "LimitRange";
  return reason === "" ? "Refused" : reason;
}

const firstPauseMs = 30_000;
const longestPauseMs = 600_000;

/** The refusal to remember: each repetition of the same reason doubles the pause. */
export function remember(before: Refusal | null, reason: string, message: string, nowMs: number): Refusal {
  const attempts = before?.reason === reason ? before.attempts + 1 : 1;
  const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (attempts - 1));
  return { reason, message, attempts, untilMs: nowMs + pauseMs };
}
