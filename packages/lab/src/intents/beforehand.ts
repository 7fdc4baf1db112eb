import { type Day, drawOf, playDay, serviceSpec, sloMs } from "./day.ts";

/** Pods of a core each, so many all day. */
export interface Fleet {
  readonly pods: number;
  /** The chance of each minute to be missed. */
  readonly chances: readonly number[];
}

interface Minute {
  readonly place: number;
  readonly requests: number;
  readonly released: boolean;
  readonly missed: number;
}

/** Minutes of about one load, as one. */
interface Pool {
  readonly minutes: readonly Minute[];
  readonly missed: number;
}

const minuteSeconds = 60;
/** Draws of the day that are played for the chances: two that are judged as well, and one that is not. */
const plays = 3;
/** Halvings of the range in which the price of CPU is looked for. */
const priceSteps = 40;
const minutesPerHour = 60;

/** Plays a day a few times with one number of pods, and tells each minute's chance by the minutes of about its load. */
export async function fleetOf(day: Day, pods: number): Promise<Fleet> {
  const minutes: Minute[] = [];
  for (let play = 1; play <= plays; play += 1) {
    let place = 0;
    const onMinute = (p99Ms: number | null): void => {
      minutes.push(minuteOf(day, place, (p99Ms ?? 0) > sloMs));
      place += 1;
    };
    await playDay({ day: drawOf(day, play), rules: [], replicas: pods, milli: 1000, onMinute });
  }
  return { pods, chances: chancesOf(minutes) };
}

function minuteOf(day: Day, place: number, missed: boolean): Minute {
  const from = place * minuteSeconds;
  const requests = day.requests.subarray(from, from + minuteSeconds).reduce((sum, one) => sum + one, 0);
  const released = day.release !== null && from * 1000 >= day.release.atMs;
  return { place, requests, released, missed: missed ? 1 : 0 };
}

/** After a release requests cost more, so that no minute before it is like one after it. */
function chancesOf(minutes: readonly Minute[]): number[] {
  const chances: number[] = [];
  for (const part of [true, false])
    for (const pool of poolsOf(minutes.filter(({ released }) => released === part)))
      for (const { place } of pool.minutes) chances[place] = pool.missed / pool.minutes.length;
  return chances;
}

/** More load is never missed less often: isotonic regression by pooling (Ayer and others, 1955). */
function poolsOf(minutes: readonly Minute[]): readonly Pool[] {
  const pools: Pool[] = [];
  for (const [, alike] of [...Map.groupBy(minutes, ({ requests }) => requests)].toSorted(([a], [b]) => a - b)) {
    let pool: Pool = { minutes: alike, missed: alike.reduce((sum, { missed }) => sum + missed, 0) };
    for (let last = pools.at(-1); last !== undefined && isAbove(last, pool); last = pools.at(-1)) {
      pools.pop();
      pool = { minutes: [...last.minutes, ...pool.minutes], missed: last.missed + pool.missed };
    }
    pools.push(pool);
  }
  return pools;
}

function isAbove(one: Pool, other: Pool): boolean {
  return one.missed * other.minutes.length > other.missed * one.minutes.length;
}

/**
 * The fewest minutes that somebody can expect to miss for so much CPU who knows
 * the load of the whole day, though not the draws: the Lagrangian dual of
 * choosing a fleet each minute, whose inner problem is solved by a dynamic
 * program. One that grows has asked for its new pods, and paid for them, since
 * they were started.
 */
export function fewestMissed(fleets: readonly Fleet[], cpuHours: number): number {
  const budget = cpuHours * minutesPerHour;
  let [least, most] = [0, 1];
  for (let step = 0; step < priceSteps; step += 1) {
    const middle = (least + most) / 2;
    if (scheduleFor(fleets, middle).coreMinutes > budget) least = middle;
    else most = middle;
  }
  // Each price bounds from below; these two are beside the best.
  const bounds = [least, most].map((price) => {
    const { missed, coreMinutes } = scheduleFor(fleets, price);
    return missed + price * (coreMinutes - budget);
  });
  return Math.max(0, ...bounds);
}

interface Schedule {
  readonly missed: number;
  readonly coreMinutes: number;
}

interface Way extends Schedule {
  readonly cost: number;
}

/** The schedule of the least missed minutes and CPU together, at a price of a core for a minute. */
function scheduleFor(fleets: readonly Fleet[], price: number): Schedule {
  const minutes = fleets[0]?.chances.length ?? 0;
  let ways: readonly Way[] = fleets.map(() => ({ missed: 0, coreMinutes: 0, cost: 0 }));
  for (let minute = 0; minute < minutes; minute += 1) {
    const before = ways;
    ways = fleets.map((fleet) => cheapest(fleets, before, { fleet, minute, price }));
  }
  return ways.reduce((best, one) => (one.cost < best.cost ? one : best));
}

interface Step {
  readonly fleet: Fleet;
  readonly minute: number;
  readonly price: number;
}

function cheapest(fleets: readonly Fleet[], before: readonly Way[], { fleet, minute, price }: Step): Way {
  const startMinutes = serviceSpec.startMs / 60_000;
  let best: Way = { missed: Infinity, coreMinutes: Infinity, cost: Infinity };
  for (const [index, { pods }] of fleets.entries()) {
    const way = before[index];
    if (way === undefined) continue;
    const started = minute === 0 ? 0 : Math.max(0, fleet.pods - pods) * startMinutes;
    const cost = way.cost + (fleet.chances[minute] ?? 0) + price * (fleet.pods + started);
    if (cost >= best.cost) continue;
    const missed = way.missed + (fleet.chances[minute] ?? 0);
    best = { missed, coreMinutes: way.coreMinutes + fleet.pods + started, cost };
  }
  return best;
}
