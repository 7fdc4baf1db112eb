import type { LoadModel } from "../../models/load.ts";
import type { Candidate } from "../forecast.ts";
import type { Aim } from "../objectives.ts";
import { withTurn } from "../state.ts";
import type { Ask } from "./ask.ts";

interface Sizing {
  readonly aim: Aim;
  /** Place of the aim among the workload's. */
  readonly index: number;
  readonly model: LoadModel;
}

/**
 * The least CPU that was seen with which as many replicas as a state has reach
 * a target, as a multiple of the rounding; one step above what was seen where
 * none does. It is looked for in the forecast, since what takes something away
 * is forecast with a margin.
 */
export function milliByLoad(at: Candidate, ask: Ask, { aim, index, model }: Sizing): number {
  const { cpu_rounding: rounding, cpu_safeguard_factor: safeguard } = ask.actuators.scaleCPU;
  const now = Math.ceil(ask.workload.cpuMilli / rounding);
  const least = Math.ceil((model.coreRange[0] * 1000) / rounding);
  const most = Math.floor((model.coreRange[1] * 1000) / rounding);
  const reaches = (share: number) => (steps: number) => {
    const asked = withTurn(at.state, "scaleCPU");
    const to = ask.forecast.of({ ...at.state, cpuMilli: steps * rounding, asked });
    return to !== null && (to.values[index] ?? Infinity) <= aim.target * share;
  };
  // An outlook has a margin of its own.
  const enough = ask.workload.outlook === null ? safeguard : 1;
  const careful = Math.min(enough, 1 - ask.hysteresis);
  const lower = first(least, Math.min(now - 1, most), reaches(careful));
  return (lower ?? first(Math.max(least, now), most, reaches(enough)) ?? most + 1) * rounding;
}

/** The first whole number of a range for which something holds, that holds for all above it too; null: for none. */
function first(least: number, most: number, holds: (value: number) => boolean): number | null {
  if (least > most || !holds(most)) return null;
  let [below, found] = [least - 1, most];
  while (found - below > 1) {
    const middle = Math.floor((below + found) / 2);
    if (holds(middle)) found = middle;
    else below = middle;
  }
  return found;
}
