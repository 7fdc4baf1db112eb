import type { Lane, Refusal } from "./memory.ts";

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

/**
 * The lanes that a refusal closes, so that a cut which is refused holds up no
 * raise, a request no limit, and so on.
 *
 * @param asked what the resize asked for
 */
export function laneOf({ reason, message }: Pick<Refusal, "reason" | "message">, asked: readonly Lane[]): Lane[] {
  const about = [...lanesTold(reason, message)].filter((lane) => asked.includes(lane));
  return about.length === 0 ? [...asked] : about;
}

/** What of a resize the reason for its refusal is about; all of it where that is not told. */
function lanesTold(reason: string, message: string): readonly Lane[] {
  // Requests alone are held against a node's capacity (KEP-1287).
  if (reason === "NodeCapacity" || message.includes("have enough capacity: cpu")) return ["request"];
  if (reason === "QuotaExceeded") return quotaLanes(message);
  if (message.includes("minimum cpu usage")) return ["cut"];
  return message.includes("maximum cpu usage") ? ["request", "limit"] : [];
}

/** "exceeded quota: team, requested: limits.cpu=100m,requests.cpu=50m, used: …" */
function quotaLanes(message: string): readonly Lane[] {
  const requested = /requested: (.*?), used: /.exec(message)?.[1]?.split(",") ?? [];
  const isLimit = (one: string): boolean => one.startsWith("limits.cpu=");
  const isRequest = (one: string): boolean => /^(requests\.)?cpu=/.test(one);
  return [
    ...(requested.some(isRequest) ? (["request"] as const) : []),
    ...(requested.some(isLimit) ? (["limit"] as const) : []),
  ];
}

/**
 * Whether a kubelet's reason holds for the pod's whole life: CPUs or memory of
 * a Guaranteed pod are pinned by a static policy (allocation_manager.go, canResizePod).
 */
export function forbidsForEver(message: string): boolean {
  return /(CPU|Memory) Manager static policy/i.test(message);
}

const firstPauseMs = 30_000;
const firstDeferredPauseMs = 10_000;
const longestPauseMs = 600_000;

/** The refusal to remember: each repetition of the same reason doubles the pause, unless it was over for as long as any pause. */
export function remember(before: Refusal | null, reason: string, message: string, nowMs: number): Refusal {
  const isRepeated = before?.reason === reason && nowMs - before.untilMs < longestPauseMs;
  const attempts = isRepeated ? before.attempts + 1 : 1;
  return { reason, message, attempts, untilMs: nowMs + pauseMs(reason, attempts) };
}

/** The same refusal with the pause of a first one. */
export function shortened(refusal: Refusal): Refusal {
  const sinceMs = refusal.untilMs - pauseMs(refusal.reason, refusal.attempts);
  return { ...refusal, attempts: 1, untilMs: Math.min(refusal.untilMs, sinceMs + pauseMs(refusal.reason, 1)) };
}

function pauseMs(reason: string, attempts: number): number {
  const firstMs = reason === "Deferred" ? firstDeferredPauseMs : firstPauseMs;
  return Math.min(longestPauseMs, firstMs * 2 ** (attempts - 1));
}
