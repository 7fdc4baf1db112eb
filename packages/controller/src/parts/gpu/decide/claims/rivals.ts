import type { SchedPod } from "../schedule/pod.ts";
import type { Claim } from "./claim.ts";

/** A pod that was never tried is taken to have nobody who tries it, after that. */
const untriedMs = 300_000;

/** Pods of other schedulers that may be going to have devices: nobody but those knows of it before it is written. */
export function rivalsAmong(
  pods: Iterable<SchedPod>,
  claimOf: (namespace: string, name: string) => Claim | undefined,
): SchedPod[] {
  return [...pods].filter(
    (pod) =>
      !pod.ours &&
      pod.node === "" &&
      !pod.ended &&
      pod.claims.some((name) => !claimOf(pod.namespace, name)?.allocation),
  );
}

/**
 * Whether a scheduler may have decided for it and not written that yet. One that has failed says so in its condition, and one that
 * has decided nominates the node before it writes what takes time (KEP-5278).
 */
export function isUndecided({ unscheduled, nominated, createdAtMs }: SchedPod, wallMs: number): boolean {
  return nominated || (unscheduled === "" && wallMs - createdAtMs < untriedMs);
}
