import type { Decision } from "../../told/decision.ts";

/** A decision about a pod, for tests. */
export function aDecision(part: Partial<Decision> & { readonly pod?: string } = {}): Decision {
  const { pod = "cart", ...rest } = part;
  return {
    part: "market",
    object: { apiVersion: "v1", kind: "Pod", namespace: "shop", name: pod, uid: `uid-${pod}` },
    verdict: "Resized",
    reason: "it needs more",
    numbers: { toLimitMilli: 300 },
    at: 1_000,
    ...rest,
  };
}
