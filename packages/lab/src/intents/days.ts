import { readFileSync } from "node:fs";
import { join } from "node:path";

import { errorAt } from "@walras/kit";

/** A recording is an hour into which a day was pressed: each of its seconds is so many. */
const stretch = 24;
/** Requests a second at the highest minute of a day. */
const peak = 90;

/**
 * A recorded hour as the day that it was made from, scaled to a service of some cores.
 *
 * @param share of the peak that this day has
 * @throws FieldError naming the file and what is not a number in it
 */
export function readDay(folder: string, name: string, share = 1): Float64Array {
  const file = join(folder, `${name}.txt`);
  const seconds = readFileSync(file, "utf8").trim().split(/\s+/).map(Number);
  const bad = seconds.findIndex((value) => !(value >= 0));
  if (bad >= 0) throw errorAt(file, `line ${bad + 1}`, "is not a number of requests");
  const scale = (peak * share) / Math.max(...seconds);
  const day = new Float64Array(seconds.length * stretch);
  for (const [second, requests] of seconds.entries())
    day.fill(requests * scale, second * stretch, (second + 1) * stretch);
  return day;
}
