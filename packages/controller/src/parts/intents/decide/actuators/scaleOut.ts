import type { Candidate } from "../forecast.ts";
import { isMet } from "../objectives.ts";
import { shrinks, withTurn } from "../state.ts";
import { type Actuator, type Ask, lacksLoad, nothing, type Proposal, type Proposals, refused } from "./ask.ts";

const name = "scaleOut";

/** Adds replicas, looking ahead over how many it takes. */
export const scaleOut: Actuator = {
  name,
  propose: (at, ask) => {
    if (at.met || at.state.guess !== 1 || shrinks(at.state, ask.workload)) return nothing;
    const { holdsGrowth } = ask.limits;
    if (holdsGrowth !== null) return refused(actionOf(1), holdsGrowth);
    if (lacksLoad(ask)) return refused(actionOf(1), "the intent has no throughput objective");
    return lookAhead(at, ask);
  },
};

function lookAhead(at: Candidate, ask: Ask): Proposals {
  const { tried, stoppedBy } = triedFrom(at, ask);
  const helping = tried.filter(({ to }, index) => helps(tried[index - 1]?.to ?? at, to, ask));
  if (tried.at(-1)?.to.met === true) return { proposals: helping, refusals: [] };
  const refusals = [{ action: actionOf(tried.length + 1), reason: stoppedBy }];
  const closest = tried.toSorted((one, other) => one.to.shortfall - other.to.shortfall)[0];
  if (ask.manner === "own" && closest && closest.to.shortfall < at.shortfall)
    return { proposals: withBound(helping, closest, stoppedBy), refusals };
  return { proposals: helping.length > 0 ? helping : proactive(at, ask), refusals };
}

/** One replica more each, until all is met or nothing more may be had or is known. */
function triedFrom(at: Candidate, ask: Ask): { readonly tried: readonly Proposal[]; readonly stoppedBy: string } {
  const tried: Proposal[] = [];
  const { max_pods: most } = ask.actuators.scaleOut;
  for (let factor = 1; at.replicas + factor <= most; factor += 1) {
    const added = at.state.added + factor;
    if (!ask.limits.fits(added, at.state.cpuMilli)) return { tried, stoppedBy: "nodes have no room for more" };
    const to = ask.forecast.of({ ...at.state, added });
    if (to === null) return { tried, stoppedBy: `what ${at.replicas + factor} replicas come to has not been seen` };
    tried.push({ action: actionOf(factor), to, proactive: false, bounded: null });
    if (to.met) break;
  }
  return { tried, stoppedBy: `max_pods ${most}` };
}

/** The closest there is stands as bounded, whether or not it fulfils one of several objectives. */
function withBound(proposals: readonly Proposal[], closest: Proposal, bounded: string): Proposal[] {
  return [...proposals.filter(({ action }) => action !== closest.action), { ...closest, bounded }];
}

/** Whether one replica more fulfils an objective that one less does not; the prototype counts all that are fulfilled. */
function helps(before: Candidate, to: Candidate, { workload, manner }: Ask): boolean {
  return workload.aims.some((aim, index) => {
    if (aim.type !== "latency" && aim.type !== "availability") return false;
    const isNew = manner === "prototype" || !isMet(aim, before.values[index] ?? NaN);
    return isNew && isMet(aim, to.values[index] ?? NaN);
  });
}

/** One pod more, to see what comes of it. */
function proactive(at: Candidate, { actuators, forecast, limits }: Ask): Proposal[] {
  const { max_proactive_scale_out: most, proactive_latency_factor: guess } = actuators.scaleOut;
  if (at.state.asked.length > 0 || at.state.added > 0 || at.replicas >= most) return [];
  if (!limits.fits(1, at.state.cpuMilli)) return [];
  const to = forecast.of({ ...at.state, added: 1, guess, asked: withTurn(at.state, name) });
  if (to === null) return [];
  return [{ action: { name, properties: { factor: 1, proactive: 1 } }, to, proactive: true, bounded: null }];
}

function actionOf(factor: number): Proposal["action"] {
  return { name, properties: { factor } };
}
