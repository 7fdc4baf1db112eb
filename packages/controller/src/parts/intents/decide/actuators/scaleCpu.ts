import { coresFor, cpuLatency, type CpuModel, type CpuParameters, parametersFor } from "../../models/cpu.ts";
import type { Candidate } from "../forecast.ts";
import type { Aim } from "../objectives.ts";
import { knowsLoad } from "../../models/load.ts";
import { grows, shrinks, type State, withTurn } from "../state.ts";
import { type Actuator, type Ask, nothing, type Proposal, type Proposals, refused } from "./ask.ts";
import { milliByLoad } from "./cpuByLoad.ts";
import { proactiveCpu } from "./proactiveCpu.ts";

const name = "scaleCPU";

/** Sizes the CPU of a pod's last container, once a plan. */
export const scaleCpu: Actuator = {
  name,
  propose: (at, ask) => {
    if (at.state.asked.includes(name) || at.state.guess !== 1 || at.replicas === 0) return nothing;
    const sizes = sizesFor(at, ask);
    const made = [...new Map(sizes.map((size) => [size.milli, size])).values()].map((size) => propose(at, ask, size));
    const proposals = made.flatMap((one) => one.proposals);
    const refusals = made.flatMap((one) => one.refusals);
    return { proposals: proposals.length > 0 ? proposals : proactiveCpu(at, ask), refusals };
  },
};

/** A size of the container, and why it is not the one that is wanted. */
interface Size {
  readonly milli: number;
  readonly wantedMilli: number;
  readonly bounded: string | null;
}

/** What each latency asks for, the least first. */
function sizesFor(at: Candidate, ask: Ask): Size[] {
  const sizes = ask.workload.aims.flatMap((_, index) => sizeByLoad(at, ask, index) ?? sizeFor(at, ask, index) ?? []);
  return sizes.toSorted((one, other) => one.milli - other.milli);
}

/** null: no model knows the load. */
function sizeByLoad(at: Candidate, ask: Ask, index: number): Size | null {
  const { workload, manner } = ask;
  const aim = workload.aims[index];
  const model = aim?.type === "latency" ? workload.intent.models.load.get(aim.profile) : undefined;
  if (!aim || manner !== "own" || !knowsLoad(model, workload.load)) return null;
  return bounded(milliByLoad(at, ask, { aim, index, model }), ask, model);
}

function sizeFor(at: Candidate, ask: Ask, index: number): Size | null {
  const { actuators, manner, workload } = ask;
  const known = knownOf(ask, index);
  if (known === null) return null;
  const { model, parameters } = known;
  const { cpu_safeguard_factor: safeguard, cpu_rounding: rounding } = actuators.scaleCPU;
  const rest = manner === "own" ? factorOfTheRest(at, ask, index) : 1;
  const sizeAt = (share: number): number | null => {
    const cores = rest === null ? null : coresFor(parameters, (known.aim.target * share) / rest);
    return cores === null ? null : cores * 1000;
  };
  const wanted = sizeAt(safeguard);
  if (wanted === null) return null;
  if (manner === "prototype") return prototypeSize(wanted, rounding);
  const careful = wanted < workload.cpuMilli ? sizeAt(Math.min(safeguard, 1 - ask.hysteresis)) : wanted;
  return careful === null ? null : bounded(Math.max(rounding, Math.ceil(careful / rounding) * rounding), ask, model);
}

/** The model of a latency; null: it has none. */
function knownOf(
  { workload }: Ask,
  index: number,
): { readonly aim: Aim; readonly model: CpuModel; readonly parameters: CpuParameters } | null {
  const aim = workload.aims[index];
  const model = aim?.type === "latency" ? workload.intent.models.cpu.get(aim.profile) : undefined;
  const parameters = aim && model && parametersFor(model, aim.target);
  return parameters ? { aim, model, parameters } : null;
}

/**
 * What is made of a latency by all that a plan has changed before, as a factor
 * of what the model of CPU alone says of the CPU there is.
 */
function factorOfTheRest({ state, values }: Candidate, ask: Ask, index: number): number | null {
  const { workload } = ask;
  if (state.added === 0 && state.removed.length === 0 && isPlain(state, workload)) return 1;
  const known = knownOf(ask, index);
  if (known === null || workload.cpuMilli === 0) return null;
  return (values[index] ?? NaN) / cpuLatency(known.parameters, workload.cpuMilli / 1000);
}

function isPlain(state: State, workload: Ask["workload"]): boolean {
  return state.cacheClass === workload.cacheClass && state.powerProfile === workload.powerProfile;
}

/** The next multiple above, also where it is one already, and not bounded by cpu_max. */
function prototypeSize(milli: number, rounding: number): Size | null {
  const whole = Math.trunc(milli);
  return whole > 0 ? sized((Math.floor(whole / rounding) + 1) * rounding) : null;
}

function sized(milli: number): Size {
  return { milli, wantedMilli: milli, bounded: null };
}

/** What is wanted within what is allowed, was seen and fits; never less than there is for want of more. */
function bounded(milli: number, ask: Ask, { coreRange }: Pick<CpuModel, "coreRange">): Size {
  const { cpuMilli } = ask.workload;
  const least = Math.max(ask.limits.leastCpuMilli, Math.ceil((coreRange?.[0] ?? 0) * 1000));
  if (milli < cpuMilli) return sized(Math.min(cpuMilli, Math.max(milli, least)));
  const [tightest] = boundsOn(milli, ask, coreRange).toSorted((one, other) => one.milli - other.milli);
  if (tightest === undefined || tightest.milli >= milli) return sized(Math.max(milli, least));
  return { ...tightest, wantedMilli: milli, milli: Math.max(tightest.milli, cpuMilli) };
}

function boundsOn(milli: number, { actuators, limits }: Ask, seen: CpuModel["coreRange"]): Omit<Size, "wantedMilli">[] {
  const { cpu_max: most } = actuators.scaleCPU;
  const wanted = `the model asks for ${milli} m`;
  const allowed = { milli: most, bounded: `cpu_max ${most} m: ${wanted}` };
  const fitting = { milli: Math.floor(limits.mostCpuMilli), bounded: `the pods' nodes have no room: ${wanted}` };
  if (seen === null) return [allowed, fitting];
  const [, mostCores] = seen;
  return [
    allowed,
    fitting,
    { milli: Math.floor(mostCores * 1000), bounded: `nothing above ${mostCores} cores was seen: ${wanted}` },
  ];
}

function propose(at: Candidate, ask: Ask, { milli, wantedMilli, bounded: why }: Size): Proposals {
  const { workload, forecast } = ask;
  const action = { name, properties: { value: milli } };
  const refusals = why === null ? [] : [{ action: { name, properties: { value: wantedMilli } }, reason: why }];
  if (milli === workload.cpuMilli) return { proposals: [], refusals };
  if (!isInQuestion(at, ask, milli)) return nothing;
  const { holdsGrowth, holdsShrinking } = ask.limits;
  const held = milli > workload.cpuMilli ? holdsGrowth : holdsShrinking;
  if (held !== null) return refused(action, held);
  if (!ask.limits.fits(at.state.added, milli)) return refused(action, "nodes have no room for replicas of that size");
  const to = forecast.of({ ...at.state, cpuMilli: milli, asked: withTurn(at.state, name) });
  if (to === null) return refused(action, `what ${milli} m come to is not known of every objective`);
  const proposal: Proposal = { action, to, proactive: false, bounded: why };
  return { proposals: [proposal], refusals };
}

/** A plan gives or takes. The prototype knows one CPU for a target, and goes there whatever is measured. */
function isInQuestion(at: Candidate, { workload, manner }: Ask, milli: number): boolean {
  if (milli < workload.cpuMilli) return !grows(at.state, workload);
  const trades = workload.outlook !== null;
  return (trades || !shrinks(at.state, workload)) && !(at.met && manner === "own");
}
