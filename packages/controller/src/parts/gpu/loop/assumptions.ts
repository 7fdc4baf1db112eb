import { devicesOf } from "../decide/claims/claim.ts";
import type { Decision } from "../decide/schedule/placer.ts";
import type { SchedPod } from "../decide/schedule/pod.ts";
import type { Assumed } from "../decide/schedule/site.ts";

/**
 * Where pods are going to be, from the decision until the watch tells of it, as kube-scheduler's cache assumes and forgets: without
 * it the next cycle would give the same GPU away again.
 */
export class Assumptions {
  readonly #byUid = new Map<string, Assumed>();

  get all(): ReadonlyMap<string, Assumed> {
    return this.#byUid;
  }

  assume({ pod, node, devices, grants }: Decision): void {
    const claims = new Map(grants.map((grant) => [grant.claim.uid, devicesOf(grant)]));
    this.#byUid.set(pod.uid, { node, devices, claims });
  }

  forget(uid: string): void {
    this.#byUid.delete(uid);
  }

  /** Forgets those that are seen where they were to be, and those that are gone. */
  settle(podOf: (uid: string) => SchedPod | undefined): void {
    for (const uid of this.#byUid.keys()) {
      const pod = podOf(uid);
      if (!pod || pod.node !== "" || pod.ended) this.#byUid.delete(uid);
    }
  }
}
