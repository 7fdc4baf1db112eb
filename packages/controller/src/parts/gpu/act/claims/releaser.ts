import { describeError, type Logger } from "@walras/kit";

import type { Writes } from "../../../../base/access/gate.ts";
import { writePriority } from "../../../../base/access/priorities.ts";
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
  readonly logger: Logger;
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
      .filter(({ reservedFor }) => reservedFor.some((one) => one.uid === uid));
  }

  async #release(pod: SchedPod, held: readonly Claim[]): Promise<void> {
    const { pods } = this.#options;
    const annotations = { [gpuAnnotations.devices]: null, [gpuAnnotations.enforcedBy]: null };
    await this.#perform(`gpu pod ${podKey(pod)}`, () => pods.claim(pod, annotations, pod.version));
    for (const claim of held) await this.#perform(`gpu resourceclaim ${claimKey(claim)}`, () => this.#free(claim, pod));
  }

  async #free(claim: Claim, { uid }: SchedPod): Promise<string> {
    const others = claim.reservedFor.filter((one) => one.uid !== uid);
    const status = others.length > 0 ? { reservedFor: others } : { allocation: null, reservedFor: [] };
    return this.#options.claims.write(claim, claim.version, status);
  }

  async #perform(key: string, write: () => Promise<string>): Promise<void> {
    await this.#options.writes.perform({ key, priority: writePriority.bind, write });
  }
}
