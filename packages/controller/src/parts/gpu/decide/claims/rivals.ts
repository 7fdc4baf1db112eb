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

/** Pods of other schedulers that wait for devices. They come first: their scheduler does not look whether somebody else was before. */
export interface Rivalry {
  /** Of one it is not known whether something was decided. */
  readonly undecided: boolean;
  /** Whether any waits. */
  readonly waits: boolean;
  readonly nowMs: number;
}

export const noRivals: Rivalry = { undecided: false, waits: false, nowMs: 0 };

/** kube-scheduler tries each pod again within 10 s of a change that may help it: what is free for longer it cannot use. */
const ripeMs = 15_000;

export function isRipe(freeSinceMs: number, { waits, nowMs }: Rivalry): boolean {
  return !waits || nowMs - freeSinceMs >= ripeMs;
}
