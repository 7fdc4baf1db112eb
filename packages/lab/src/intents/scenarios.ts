import type { Scenario } from "./compare.ts";
import type { Day } from "./day.ts";
import { readDay } from "./days.ts";

/** The day that is learnt from has a peak so much higher. */
const shareBefore = 1.1;
const noonMs = 12 * 3_600_000;
const release = { atMs: noonMs, costs: 1.3 };

/**
 * Two recorded days, each with the other as the day before, and the first with
 * a release at noon after which requests cost more.
 *
 * @throws FieldError naming the file and what is wrong in it
 */
export function scenariosFrom(folder: string): Scenario[] {
  const day = (name: string, seed: number, share = 1): Day => ({
    requests: readDay(folder, name, share),
    seed,
    release: null,
  });
  const before = { diurnal: day("noisy", 1, shareBefore), noisy: day("diurnal", 2, shareBefore) };
  return [
    { name: "diurnal", day: day("diurnal", 11), before: before.diurnal },
    { name: "noisy", day: day("noisy", 12), before: before.noisy },
    { name: "diurnal, release at noon", day: { ...day("diurnal", 13), release }, before: before.diurnal },
  ];
}
