import type { ClusterPod } from "./cluster/node.ts";
import type { Resources, Rule, Sizing } from "./rule.ts";

/** Wants the same always. */
export function fixedSizing(wanted: Resources, created: Resources | null = null): Sizing {
  return { observe: () => {}, want: () => wanted, atCreation: () => created };
}

export function podOf(requestMilli: number, part: Partial<ClusterPod> = {}): ClusterPod {
  const has = { requestMilli, limitMilli: null };
  return {
    name: `of ${requestMilli}m`,
    declared: has,
    needMilli: Float64Array.of(0),
    sizing: fixedSizing(has),
    spec: has,
    admitted: has,
    node: null,
    startedMs: 0,
    rationMilli: null,
    ...part,
  };
}

/** Requests that are far too low, with or without rations. */
export function lowRule(requestMilli: number, rations: boolean): Rule {
  const low = { requestMilli, limitMilli: null };
  return {
    name: `${requestMilli}m`,
    sizing: () => fixedSizing(low, low),
    how: { resizes: "into room", parts: (stepMs) => [stepMs / 2, stepMs / 2], rations },
  };
}
