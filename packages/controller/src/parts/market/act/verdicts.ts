import type { PodState } from "../../../base/cluster/pod.ts";
import type { ResizeLog } from "./log.ts";
import { type Verdict, verdict } from "./verdict.ts";

interface Given {
  readonly pod: PodState;
  readonly patchedGeneration: number;
  readonly verdict: Verdict;
}

/** How pods' last resizes stand: read once from each version of a pod. */
export class Verdicts {
  readonly #log: Pick<ResizeLog, "of">;
  readonly #given = new Map<string, Given>();

  constructor(log: Pick<ResizeLog, "of">) {
    this.#log = log;
  }

  of(pod: PodState): Verdict {
    const { patchedGeneration } = this.#log.of(pod.uid);
    const before = this.#given.get(pod.uid);
    if (before?.pod === pod && before.patchedGeneration === patchedGeneration) return before.verdict;
    const stands = verdict(pod, patchedGeneration);
    this.#given.set(pod.uid, { pod, patchedGeneration, verdict: stands });
    return stands;
  }

  forget(podUid: string): void {
    this.#given.delete(podUid);
  }
}
