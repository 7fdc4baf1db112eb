import type { BenchRow } from "@walras/kit/bench";

import { type Outcome, outcomeOf } from "./outcome.ts";
import { newRules } from "./rules/index.ts";
import { replay } from "./run.ts";
import type { Scene } from "./world.ts";

/** One rule in one week. */
export interface Comparison extends Outcome {
  readonly scenario: string;
  readonly seed: number;
}

/** The same week under every rule. */
export function compareRules(scenario: string, scene: Scene): Comparison[] {
  return newRules().map((rule) => ({ scenario, seed: scene.seed, ...outcomeOf(replay(scene, rule)) }));
}

/** For people: one row for each rule of each scenario, seeds together. Counts add up, hours are means; a p95 is the mean of the weeks' p95. */
export function summarize(comparisons: readonly Comparison[]): BenchRow[] {
  const groups = Map.groupBy(comparisons, ({ scenario, rule }) => `${scenario} ${rule}`);
  return [...groups.values()].map((group) => {
    const sum = (value: (one: Comparison) => number): number => group.reduce((total, one) => total + value(one), 0);
    const mean = (value: (one: Comparison) => number): string => (sum(value) / group.length).toFixed(2);
    return {
      scenario: group[0]?.scenario ?? "",
      rule: group[0]?.rule ?? "",
      changes: sum(({ changes }) => changes),
      rollouts: sum(({ rollouts }) => rollouts),
      failed: sum(({ failed }) => failed),
      contained: sum(({ contained }) => contained),
      unfinished: sum(({ unfinished }) => unfinished),
      "mean wait h": mean(({ meanWaitHours }) => meanWaitHours),
      "p95 wait h": mean(({ p95WaitHours }) => p95WaitHours),
      "in clinic hours": sum(({ inClinicHours }) => inClinicHours),
      "outside window": sum(({ outsideWindow }) => outsideWindow),
      "without consent": sum(({ withoutConsent }) => withoutConsent),
      "out of order": sum(({ outOfOrder }) => outOfOrder),
      "risk·h exposed": mean(({ riskExposureHours }) => riskExposureHours),
      "peak r": Math.max(...group.map(({ peakR }) => peakR)).toFixed(2),
    };
  });
}
