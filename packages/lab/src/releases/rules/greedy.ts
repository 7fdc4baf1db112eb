import { Openings } from "../openings.ts";
import { isWaiting, type LabApp, type LabView, type ReleaseRule } from "../rule.ts";
import { Capacity } from "./capacity.ts";
import { prototypeScore } from "./score.ts";

/** The best score for each r first, as many as fit. */
export class Greedy implements ReleaseRule {
  readonly name = "greedy";
  readonly #openings = new Openings();

  choose(view: LabView): readonly string[] {
    if (view.tick === null) return [];
    const { policy } = view.config;
    const density = (app: LabApp): number => {
      const open = this.#openings.isOpen(app.policy.calendar, view.nowMs);
      return prototypeScore(app.policy, policy.weights, open) / Math.max(app.policy.r, 1e-6);
    };
    const capacity = new Capacity(view);
    return view.apps
      .filter(isWaiting)
      .map((app) => ({ app, density: density(app) }))
      .toSorted((one, other) => other.density - one.density)
      .filter(({ app }) => capacity.take(app))
      .map(({ app }) => app.policy.name);
  }
}
