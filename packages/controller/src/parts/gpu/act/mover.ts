import { describeError, type Logger } from "@walras/kit";

import { podKey, type SchedPod } from "../decide/schedule/pod.ts";

/** Evicts a pod; a PodDisruptionBudget may refuse. */
export interface EvictPort {
  /** @returns false where a budget does not allow it now */
  evict(pod: SchedPod): Promise<boolean>;
}

/** Evicts pods that are to go elsewhere, each once at a time. */
export class Mover {
  readonly #port: EvictPort;
  readonly #logger: Logger;
  readonly #under = new Set<string>();

  constructor(port: EvictPort, logger: Logger) {
    this.#port = port;
    this.#logger = logger;
  }

  /** @returns whether it was evicted now; a later look tries again where it was not */
  async move(pod: SchedPod): Promise<boolean> {
    if (this.#under.has(pod.uid)) return false;
    this.#under.add(pod.uid);
    try {
      return await this.#port.evict(pod);
    } catch (error) {
      this.#logger.warn({ pod: podKey(pod), error: describeError(error) }, "pod not moved");
      return false;
    } finally {
      this.#under.delete(pod.uid);
    }
  }
}
