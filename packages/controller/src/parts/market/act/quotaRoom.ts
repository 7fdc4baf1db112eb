import type { Clock } from "@walras/kit";

import { type Hold, NodeRoom } from "../../../base/access/room.ts";
import type { QuotaTaken } from "../observe/allowance.ts";
import { limitChangeMilli, type PodResize } from "./resize.ts";

/** A quota's count comes by a watch of its own, after the pod's. */
const countedAfterMs = 1_000;

/** What resizes on their way will take of the quotas of their namespaces: taken and given back as room on nodes is. */
export class QuotaRoom {
  readonly #requests = new NodeRoom();
  readonly #limits = new NodeRoom();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  take(resize: PodResize): Hold {
    const { namespace, uid } = resize.pod;
    const { requestMilli, limitMilli } = takenBy(resize);
    const holds = [this.#requests.take(namespace, uid, requestMilli), this.#limits.take(namespace, uid, limitMilli)];
    return {
      giveBack: () => holds.forEach((hold) => hold.giveBack()),
      until: (isSeen) => holds.forEach((hold) => hold.until(this.#andCounted(isSeen))),
    };
  }

  /** @param isSeen whether the view shows the pod as it was written */
  #andCounted(isSeen: () => boolean): () => boolean {
    let seenAtMs: number | undefined;
    return () => {
      if (!isSeen()) return false;
      const nowMs = this.#clock.monotonicMs();
      seenAtMs ??= nowMs;
      return nowMs - seenAtMs >= countedAfterMs;
    };
  }

  /** What all pods but this one will take. */
  heldByOthers(namespace: string, podUid: string): QuotaTaken {
    return {
      requestMilli: this.#requests.heldByOthers(namespace, podUid),
      limitMilli: this.#limits.heldByOthers(namespace, podUid),
    };
  }

  forget(namespace: string, podUid: string): void {
    this.#requests.forget(namespace, podUid);
    this.#limits.forget(namespace, podUid);
  }
}

/** What a resize takes of quotas; nothing where it gives. */
export function takenBy({ pod, containers, requestDeltaMilli }: PodResize): QuotaTaken {
  return {
    requestMilli: Math.max(0, requestDeltaMilli),
    limitMilli: Math.max(0, limitChangeMilli(pod, containers)),
  };
}
