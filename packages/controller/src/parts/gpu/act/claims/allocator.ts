import { type Clock, describeError, type Logger, sleep } from "@walras/kit";
import { KubeError } from "@walras/kube";

import type { Writes } from "../../../../base/access/gate.ts";
import { writePriority } from "../../../../base/access/priorities.ts";
import { type Claim, claimKey, type Grant } from "../../decide/claims/claim.ts";
import type { Decision } from "../../decide/schedule/placer.ts";
import type { SchedPod } from "../../decide/schedule/pod.ts";
import type { ClaimStores } from "../../observe/claims/stores.ts";
import { Refused } from "../refused.ts";
import { allocationOf } from "./allocation.ts";
import { isAlone } from "./releaser.ts";
import { type ClaimPort, deleteProtection } from "./port.ts";
import type { Standing } from "./standing.ts";

export interface AllocatorOptions {
  readonly port: ClaimPort;
  readonly writes: Pick<Writes, "perform">;
  readonly stores: ClaimStores;
  readonly standing: Standing;
  /** Why a decision cannot be any more, by what is known at this moment; null: it can. */
  readonly outdated: (decision: Decision) => string | null;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A claim as this process has written it. */
interface Written {
  readonly claim: Claim;
  readonly version: string;
  /** It was allocated, and not only reserved. */
  readonly allocated: boolean;
}

/** An allocation that is not taken back is looked at again, by whoever leads then. */
const undoTries = 5;
const undoPauseMs = 1_000;

/** Allocates and reserves claims before their pods are bound, and takes that back where it comes to nothing. */
export class Allocator {
  readonly #options: AllocatorOptions;
  readonly #written = new Map<string, readonly Written[]>();

  constructor(options: AllocatorOptions) {
    this.#options = options;
  }

  /** For all or for none of them. @throws Refused, after it has been taken back */
  async allocate(batch: readonly Decision[]): Promise<void> {
    const tries = await Promise.allSettled(batch.map((decision) => this.#allocate(decision)));
    const failed = tries.find((one) => one.status === "rejected");
    if (!failed) return;
    await Promise.all(batch.map((decision) => this.undo(decision.pod)));
    throw new Refused(describeError(failed.reason), { cause: failed.reason });
  }

  /** The pod is bound: what it has stays. */
  keep({ uid }: SchedPod): void {
    this.#written.delete(uid);
  }

  /** Takes back what was written for a pod since it was decided. What could not be is taken back when the pod has its turn. */
  async undo({ uid, name }: SchedPod): Promise<void> {
    const written = this.#written.get(uid) ?? [];
    this.#written.delete(uid);
    const { logger } = this.#options;
    for (const one of written.filter(({ claim }) => this.#isAlone(claim)))
      await this.#takeBack(uid, one).catch((error: unknown) => {
        logger.warn({ pod: name, claim: claimKey(one.claim), error: describeError(error) }, "claim not taken back");
      });
  }

  /** One that has a device with another claim is taken back once that has gone, when its pod has its turn. */
  #isAlone({ uid }: Claim): boolean {
    const { stores } = this.#options;
    const now = stores.claims.get(uid);
    return now === undefined || isAlone(now, stores);
  }

  async #allocate(decision: Decision): Promise<void> {
    const { standing } = this.#options;
    for (const grant of decision.grants) {
      const written = await this.#write(decision, grant);
      if (!written) continue;
      this.#written.set(decision.pod.uid, [...(this.#written.get(decision.pod.uid) ?? []), written]);
    }
    await standing.hold(decision.grants.map(({ claim }) => this.#writtenOf(decision.pod.uid, claim)));
  }

  #writtenOf(podUid: string, claim: Claim): Pick<Written, "claim" | "version"> {
    return this.#written.get(podUid)?.find((one) => one.claim.uid === claim.uid) ?? { claim, version: claim.version };
  }

  /** @returns null: it is all there already */
  async #write(decision: Decision, grant: Grant): Promise<Written | null> {
    const { claim, granted } = grant;
    const { port, stores } = this.#options;
    const { uid, name } = decision.pod;
    if (!granted && claim.reservedFor.some((one) => one.uid === uid)) return null;
    const reservedFor = [...claim.reservedFor, { resource: "pods", name, uid }];
    const at = { node: decision.node, classOf: (className: string) => stores.deviceClass(className) };
    const allocation = granted ? { allocation: allocationOf(grant, granted, at) } : {};
    const isProtected = claim.finalizers.includes(deleteProtection);
    const before = isProtected ? claim.version : await this.#perform(decision, claim, () => port.protect(claim));
    const version = await this.#perform(decision, claim, () =>
      port.write(claim, before, { ...allocation, reservedFor }),
    );
    return { claim, version, allocated: granted !== null };
  }

  #perform<T>(decision: Decision, claim: Claim, write: () => Promise<T>): Promise<T> {
    return this.#options.writes.perform({
      key: `gpu resourceclaim ${claimKey(claim)}`,
      priority: writePriority.bind,
      write: async () => {
        const why = this.#options.outdated(decision);
        if (why !== null) throw new Refused(why);
        return write().catch(refusedWhereChanged);
      },
    });
  }

  /** Others may have written on the claim since: what is theirs stays. */
  async #takeBack(podUid: string, { claim, version, allocated }: Written): Promise<void> {
    const { stores, clock } = this.#options;
    let [now, at] = [{ ...claim, reservedFor: claim.reservedFor }, version];
    for (let tries = 1; ; tries += 1) {
      const others = now.reservedFor.filter(({ uid }) => uid !== podUid);
      const release = allocated && others.length === 0;
      try {
        await this.#release(now, at, release ? { allocation: null, reservedFor: [] } : { reservedFor: others });
        return;
      } catch (error) {
        if (tries >= undoTries || !(error instanceof KubeError) || error.status !== 409) throw error;
      }
      await sleep(clock, undoPauseMs);
      const seen = stores.claims.get(claim.uid);
      if (!seen?.reservedFor.some(({ uid }) => uid === podUid)) return;
      [now, at] = [seen, seen.version];
    }
  }

  async #release(claim: Claim, version: string, status: Parameters<ClaimPort["write"]>[2]): Promise<void> {
    const { writes, port } = this.#options;
    await writes.perform({
      key: `gpu resourceclaim ${claimKey(claim)}`,
      priority: writePriority.bind,
      write: () => port.write(claim, version, status),
    });
  }
}

/** A conflict is the end of it: what was decided was for the claim as it was. */
function refusedWhereChanged(error: unknown): never {
  const decided = error instanceof KubeError && error.status >= 400 && error.status < 500 && error.status !== 429;
  if (decided) throw new Refused(describeError(error), { cause: error });
  throw error;
}
