import type { ApiServer } from "@walras/sim/apiserver";

import { stepMsOf } from "./scenario.ts";

/** How long steps waited. */
export interface StepDelays {
  readonly delaysMs: readonly number[];
  readonly undecided: number;
}

/** Notes when the resize that answers a step reaches the API server. */
export class StepWatch {
  readonly #elapsedMs: () => number;
  readonly #decidedAtMs = new Map<string, number>();
  readonly #steps = new Map<string, number>();
  #resizes = 0;

  /** @param elapsedMs since the steps began */
  constructor(api: ApiServer, elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs;
    for (const { metadata } of api.store.all("pods")) {
      const stepMs = stepMsOf(metadata.name);
      if (stepMs !== undefined) this.#steps.set(metadata.name, stepMs);
    }
    api.admission.push(({ subresource, object }) => {
      if (subresource === "resize") this.#note(object.metadata.name);
    });
  }

  /** Resizes so far. */
  get resizes(): number {
    return this.#resizes;
  }

  /** Milliseconds from each step to its resize. */
  delays(): StepDelays {
    const delaysMs = [...this.#decidedAtMs.values()];
    return { delaysMs, undecided: this.#steps.size - delaysMs.length };
  }

  #note(pod: string): void {
    this.#resizes += 1;
    const stepMs = this.#steps.get(pod);
    const nowMs = this.#elapsedMs();
    if (stepMs === undefined || nowMs < stepMs || this.#decidedAtMs.has(pod)) return;
    this.#decidedAtMs.set(pod, nowMs - stepMs);
  }
}
