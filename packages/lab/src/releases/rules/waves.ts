import { isWaiting, type LabView, type ReleaseRule } from "../rule.ts";
import { Capacity } from "./capacity.ts";

/** As in the prototype's runner: one wave every so many ticks. */
const periodTicks = 10;

/** Every few ticks those of the least depth that wait. */
export class Waves implements ReleaseRule {
  readonly name = "waves";

  choose(view: LabView): readonly string[] {
    if (view.tick === null || view.tick % periodTicks !== 0) return [];
    const waiting = view.apps.filter(isWaiting);
    const depth = Math.min(...waiting.map(({ policy }) => policy.depth));
    const capacity = new Capacity(view);
    return waiting
      .filter((app) => app.policy.depth === depth && capacity.take(app))
      .map(({ policy: { name } }) => name);
  }
}
