import { fewestMissed, type Fleet, fleetOf } from "./beforehand.ts";
import type { Day } from "./day.ts";
import { bounds, hpaAndVpaOn, hpaOn, type Tried, walrasOn } from "./policies.ts";

/** A day under every policy. */
export interface Compared {
  readonly day: string;
  /** Of each policy that is tuned, the setting that misses the fewest minutes for no more CPU than ours. */
  readonly best: readonly Tried[];
  /** Our planner with fewer models, for reading. */
  readonly beside: readonly Tried[];
  readonly ours: Tried;
  /** The fewest minutes that one who knows the load of the day can expect to miss for as much CPU as ours. */
  readonly fewest: number;
}

export interface Scenario {
  readonly name: string;
  readonly day: Day;
  readonly before: Day;
}

export async function compareDay({ name, day, before }: Scenario): Promise<Compared> {
  const walras = await walrasOn(day, before);
  const [ours, ...beside] = walras;
  if (ours === undefined) throw new Error("nothing was planned");
  const others = [await hpaOn(day), await hpaAndVpaOn(day)];
  const best = others.flatMap((settings) => bestWithin(settings, ours.cpuHours) ?? []);
  return { day: name, best, beside, ours, fewest: await fewestOn(day, ours.cpuHours) };
}

async function fewestOn(day: Day, cpuHours: number): Promise<number> {
  const fleets: Fleet[] = [];
  for (let pods = bounds.least; pods <= bounds.most; pods += 1) fleets.push(await fleetOf(day, pods));
  return fewestMissed(fleets, cpuHours);
}

/** The setting that misses the fewest minutes for so much CPU, of equal ones the cheapest; the cheapest where all take more. */
export function bestWithin(settings: readonly Tried[], cpuHours: number): Tried | undefined {
  const affordable = settings.filter((one) => one.cpuHours <= cpuHours);
  const byOutcome = affordable.toSorted(
    (one, other) => one.violatedMinutes - other.violatedMinutes || one.cpuHours - other.cpuHours,
  );
  return byOutcome[0] ?? settings.toSorted((one, other) => one.cpuHours - other.cpuHours)[0];
}

export function rowsOf({ day, best, beside, ours, fewest }: Compared): Record<string, string | number>[] {
  const rows = [...best, ...beside, ours].map((one) => ({
    day,
    policy: one.policy,
    setting: one.setting,
    "violated min": Number(one.violatedMinutes.toFixed(1)),
    "CPU h": one.cpuHours.toFixed(1),
    "replica changes": Math.round(one.replicaChanges),
    "size changes": Math.round(one.sizeChanges),
  }));
  const beforehand = { day, policy: "known beforehand", setting: "bound", "violated min": Number(fewest.toFixed(1)) };
  return [...rows, { ...beforehand, "CPU h": ours.cpuHours.toFixed(1), "replica changes": "", "size changes": "" }];
}

/** Our missed minutes against those of the best other for no more CPU. The goal is 0.5. */
export function missedAgainstBest({ best, ours }: Pick<Compared, "best" | "ours">): number {
  const others = best.filter(({ cpuHours }) => cpuHours <= ours.cpuHours);
  const least = Math.min(...others.map(({ violatedMinutes }) => violatedMinutes));
  return ratioOf(ours, least);
}

/** The same against one policy, whatever CPU it takes. */
export function missedAgainst({ best, ours }: Pick<Compared, "best" | "ours">, policy: string): number {
  return ratioOf(ours, best.find((one) => one.policy === policy)?.violatedMinutes ?? NaN);
}

/** Where somebody else missed none, each of ours is one too many. */
function ratioOf({ violatedMinutes }: Tried, others: number): number {
  return violatedMinutes === 0 ? 0 : violatedMinutes / Math.max(1, others);
}
