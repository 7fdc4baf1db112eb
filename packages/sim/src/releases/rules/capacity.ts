import type { LabApp, LabView } from "../rule.ts";
import { isOperating } from "../rule.ts";

/** Rmax and the number of parallel releases, less what Argo CD is at work on. */
export class Capacity {
  #r: number;
  #slots: number;

  constructor({ apps, config: { policy } }: LabView) {
    const operating = apps.filter(isOperating);
    this.#r = policy.rmax - operating.reduce((sum, { policy: { r } }) => sum + r, 0);
    this.#slots = policy.maxParallel - operating.length;
  }

  /** Takes the room for an application if there is enough. */
  take({ policy: { r } }: LabApp): boolean {
    if (this.#slots <= 0 || r > this.#r + 1e-9) return false;
    this.#slots -= 1;
    this.#r -= r;
    return true;
  }
}
