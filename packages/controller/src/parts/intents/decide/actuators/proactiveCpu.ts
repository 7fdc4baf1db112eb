import type { Candidate } from "../forecast.ts";
import { withTurn } from "../state.ts";
import type { Ask, Proposal } from "./ask.ts";

const name = "scaleCPU";

/** Steps there are up to max_proactive_cpu. */
const steps = 10;

/** A step of CPU towards the targets where no model knows, to see what comes of it. */
export function proactiveCpu(at: Candidate, { actuators, workload, limits, forecast }: Ask): Proposal[] {
  const { max_proactive_cpu: most, proactive_latency_percentage: change } = actuators.scaleCPU;
  const isStart = at.state.asked.length === 0 && at.state.added === 0 && at.state.removed.length === 0;
  if (most === 0 || !isStart || at.met || limits.holdsGrowth !== null) return [];
  const step = Math.max(1, Math.floor(most / steps));
  const milli = workload.cpuMilli + step;
  if (milli > Math.min(most, limits.mostCpuMilli)) return [];
  const to = forecast.of({ ...at.state, cpuMilli: milli, guess: 1 - change, asked: withTurn(at.state, name) });
  if (to === null) return [];
  return [{ action: { name, properties: { value: milli, proactive: 1 } }, to, proactive: true, bounded: null }];
}
