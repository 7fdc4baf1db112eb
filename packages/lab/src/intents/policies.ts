import { type DecideConfig, readActuators, readPlannerConfig } from "@walras/controller/intents";

import { type Day, type DayOutcome, drawOf, playDay, sloMs } from "./day.ts";
import { learntFrom } from "./learnt.ts";
import { Explore } from "./rules/explore.ts";
import { Hpa } from "./rules/hpa.ts";
import type { Rule } from "./rules/rule.ts";
import { Vpa } from "./rules/vpa.ts";
import { Walras } from "./rules/walras.ts";

/** One way to set a policy, and what came of it in the mean of some draws. */
export interface Tried extends DayOutcome {
  readonly policy: string;
  readonly setting: string;
}

export const bounds = { least: 2, most: 20 };
/** What every service begins with: a process uses no more than a core. */
const begins = { replicas: 6, milli: 1000 };

const hpaTargets = [44, 47, 50, 53, 56, 59, 62];
const downWindowsMs = [60_000, 300_000];
const vpaTargets = [20, 30, 40, 50];
const vpaBounds = { leastMilli: 100, mostMilli: 1000 };

/** Parts of what is promised that an intent may ask for. */
const shares = [1, 0.95, 0.9, 0.8];
/** An intent is taken that misses no more minutes of the day before. */
const mostMissed = 0.01;

/** Everything by default but the bounds that all policies have, HPA's 15 s between two rounds, and finer steps of CPU. */
export function configFor({ least, most }: typeof bounds): DecideConfig {
  const actuators = {
    scaleOut: { max_pods: most },
    rmPod: { min_pods: least },
    scaleCPU: { cpu_rounding: 50 },
  };
  return {
    planner: readPlannerConfig({ controller: { controller_timeout: 15 } }, "defaults.json", 4).config,
    actuators: readActuators(actuators, "actuators").config,
    manner: "own",
  };
}

/** Draws of a day that are judged together: one says little where a few minutes are missed. */
const draws = 3;

/** @param rules anew for each draw, since they remember */
async function tried(day: Day, policy: string, setting: string, rules: () => readonly Rule[]): Promise<Tried> {
  const outcomes: DayOutcome[] = [];
  for (let draw = 0; draw < draws; draw += 1)
    outcomes.push(await playDay({ day: drawOf(day, draw), rules: rules(), ...begins }));
  return { policy, setting, ...meanOf(outcomes) };
}

export function meanOf(outcomes: readonly DayOutcome[]): DayOutcome {
  const mean = (of: (outcome: DayOutcome) => number): number =>
    outcomes.reduce((sum, outcome) => sum + of(outcome), 0) / outcomes.length;
  return {
    violatedMinutes: mean(({ violatedMinutes }) => violatedMinutes),
    cpuHours: mean(({ cpuHours }) => cpuHours),
    replicaChanges: mean(({ replicaChanges }) => replicaChanges),
    sizeChanges: mean(({ sizeChanges }) => sizeChanges),
  };
}

/** Replicas by CPU, with every setting. */
export async function hpaOn(day: Day): Promise<readonly Tried[]> {
  const all: Tried[] = [];
  for (const targetPercent of hpaTargets)
    for (const downWindowMs of downWindowsMs) {
      const setting = `${targetPercent} %, ${downWindowMs / 1000} s`;
      all.push(await tried(day, "HPA", setting, () => [new Hpa({ ...bounds, targetPercent, downWindowMs })]));
    }
  return all;
}

/** Both on CPU, with every setting. */
export async function hpaAndVpaOn(day: Day): Promise<readonly Tried[]> {
  const all: Tried[] = [];
  for (const targetPercent of vpaTargets) {
    const hpa = (): Hpa => new Hpa({ ...bounds, targetPercent, downWindowMs: 300_000 });
    all.push(await tried(day, "HPA + VPA", `${targetPercent} %, 300 s`, () => [new Vpa(vpaBounds), hpa()]));
  }
  return all;
}

/**
 * Our planner, with what was learnt of the day before, asked for what is
 * promised; and IDO's models, asked for what was chosen on the day before.
 */
export async function walrasOn(day: Day, before: Day): Promise<readonly Tried[]> {
  const explore = new Explore({ ...bounds, sizes: [600, 800, 1000, 700, 900], targetsPercent: [40, 50, 60] });
  await playDay({ day: before, rules: [explore], ...begins });
  const config = configFor(bounds);
  const ruleOf =
    (own: boolean) =>
    (share: number): Walras =>
      new Walras({ config, models: learntFrom(explore.seen, own), targetMs: sloMs * share });
  const idos = ruleOf(false);
  const share = await chosen((one) =>
    playDay({ day: { ...before, seed: before.seed + 100 }, rules: [idos(one)], ...begins }),
  );
  return [
    await tried(day, "Walras", `${sloMs} ms`, () => [ruleOf(true)(1)]),
    await tried(day, "Walras, IDO's models", `${sloMs * share} ms`, () => [idos(share)]),
  ];
}

/** The loosest that keeps what is promised; the tightest where none does. */
async function chosen(play: (share: number) => Promise<DayOutcome>): Promise<number> {
  const minutesOfDay = 1440;
  for (const share of shares) if ((await play(share)).violatedMinutes <= mostMissed * minutesOfDay) return share;
  return shares.at(-1) ?? 1;
}
