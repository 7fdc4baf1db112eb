import { type Clock, describeError, type Logger } from "@walras/kit";

import type { Writes } from "../../../../base/access/gate.ts";
import { writePriority } from "../../../../base/access/priorities.ts";
import { ClaimBook, type ClaimWorld } from "../../decide/claims/book.ts";
import { type Claim, claimKey } from "../../decide/claims/claim.ts";
import { podKey, type SchedPod } from "../../decide/schedule/pod.ts";
import { gpuAnnotations } from "../../observe/cluster/names.ts";
import type { ClaimStores } from "../../observe/claims/stores.ts";
import type { BindPort } from "../binder.ts";
import type { ClaimPort } from "./port.ts";

export interface ReleaserOptions {
  readonly pods: Pick<BindPort, "claim">;
  readonly claims: ClaimPort;
  readonly writes: Pick<Writes, "perform">;
  readonly stores: ClaimStores;
  /** The pod as it is now; undefined: it is gone. */
  readonly podOf: (uid: string) => SchedPod | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A scheduler binds what it has allocated within that. */
const inVainMs = 30_000;

/**
 * Whether no other claim has one of its devices. While one has, it stays: kube-scheduler notes of a device only that it is allocated,
 * and would give it away again as soon as either of the claims is freed.
 */
export function isAlone(claim: Claim, world: ClaimWorld): boolean {
  return new ClaimBook(world, []).conflictOf(claim) === null;
}

/**
 * Takes back what was written for a pod that is not bound after all, by whoever it was. The pod is another version before its claims
 * are: a binding that an earlier leader has sent is refused from then on.
 */
export class Releaser {
  readonly #options: ReleaserOptions;
  readonly #under = new Set<string>();

  constructor(options: ReleaserOptions) {
    this.#options = options;
  }

  release(pod: SchedPod): void {
    const held = this.#heldBy(pod);
    const marked = pod.devices.length > 0 || pod.enforcedBy !== "";
    if ((held.length === 0 && !marked) || this.#under.has(pod.uid)) return;
    this.#under.add(pod.uid);
    const { logger } = this.#options;
    void this.#release(pod, held)
      .catch((error: unknown) => {
        logger.warn({ pod: podKey(pod), error: describeError(error) }, "claims not taken back");
      })
      .finally(() => this.#under.delete(pod.uid));
  }

  #heldBy({ uid, namespace, claims }: SchedPod): Claim[] {
    return claims
      .flatMap((name) => this.#options.stores.claim(namespace, name) ?? [])
      .filter(({ reservedFor }) => reservedFor.some((one) => one.uid === uid))
      .filter((claim) => isAlone(claim, this.#options.stores) || this.#isInVain(claim));
  }

  /** Two that wait for each other would wait for ever: where nobody has come to use the device for so long, ours is freed. */
  #isInVain({ uid, allocation }: Claim): boolean {
    const { stores, clock, podOf } = this.#options;
    const sinceMs = stores.contestedSinceMs(uid);
    if (sinceMs === null || clock.monotonicMs() - sinceMs < inVainMs) return false;
    const others = new Set((allocation?.devices ?? []).flatMap((id) => [...stores.holdersOf(id)]));
    others.delete(uid);
    return [...others].every((other) => {
      const users = stores.claims.get(other)?.reservedFor ?? [];
      return users.length > 0 && users.every((user) => podOf(user.uid)?.node === "");
    });
  }

  async #release(pod: SchedPod, held: readonly Claim[]): Promise<void> {
    await this.#perform(`gpu pod ${podKey(pod)}`, () => this.#unmark(pod));
    for (const claim of held) await this.#perform(`gpu resourceclaim ${claimKey(claim)}`, () => this.#free(claim, pod));
  }

  /** Just before it may have been told why it waits: that is a version of it as well. */
  async #unmark({ uid, name }: SchedPod): Promise<void> {
    const { pods, podOf } = this.#options;
    const now = podOf(uid);
    if (now?.node !== "") throw new Error(`pod ${name} waits no more`);
    const annotations = { [gpuAnnotations.devices]: null, [gpuAnnotations.enforcedBy]: null };
    await pods.claim(now, annotations, now.version);
  }

  async #free(claim: Claim, { uid }: SchedPod): Promise<void> {
    const others = claim.reservedFor.filter((one) => one.uid !== uid);
    const status = others.length > 0 ? { reservedFor: others } : { allocation: null, reservedFor: [] };
    await this.#options.claims.write(claim, claim.version, status);
  }

  async #perform(key: string, write: () => Promise<void>): Promise<void> {
    await this.#options.writes.perform({ key, priority: writePriority.bind, write });
  }
}
