import { Repeating, type RepeatingOptions } from "@walras/kit";

import type { Surroundings } from "../config/surroundings.ts";
import { type BaseMetrics, loopObserver } from "./metrics.ts";

/** Makes something that is done again and again: guarded, counted, awaited at the end. */
export type MakeRepeating = (
  name: string,
  everyMs: RepeatingOptions["everyMs"],
  run: RepeatingOptions["run"],
  first?: RepeatingOptions["first"],
) => Repeating;

export function repeatingIn(around: Pick<Surroundings, "clock" | "logger">, metrics: BaseMetrics): MakeRepeating {
  const { clock, logger } = around;
  const observer = loopObserver(metrics);
  return (name, everyMs, run, first = "later") => new Repeating({ name, everyMs, run, first, clock, logger, observer });
}
