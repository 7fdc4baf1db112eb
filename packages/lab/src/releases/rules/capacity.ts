import { isOperating, type LabApp, type LabView } from "../rule.ts";

/** Rmax and the number of parallel releases, less what is busy; if not told otherwise, what Argo CD is at work on. */
export class Capacity {
  #r: number;
  #slots: number;

  constructor({ apps, config: { policy } }: LabView, isBusy: (app: LabApp) => boolean = isOperating) {
    const busy = apps.filter(isBusy);
    this.#r = policy.rmax - busy.reduce((sum, { policy: { r } }) => sum + r, 0);
    this.#slots = policy.maxParallel - busy.length;
  }

  /** Takes the room for an application if there is enough. */
  take({ policy: { r } }: LabApp): boolean {
    if (this.#slots <= 0 || r > this.#r + 1e-9) return false;
    this.#slots -= 1;
    this.#r -= r;
    return true;
  }
}
