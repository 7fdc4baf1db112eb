import type { Opening } from "../calendar/calendar.ts";
import type { AppPolicy, ReleasePolicy } from "../config/policy.ts";
import type { HoldReason } from "./decision.ts";
import type { AppSnapshot } from "./snapshot.ts";

/** What holds an application back, whatever the others do. */
export interface Hold {
  readonly reason: HoldReason;
  readonly detail: string;
}

/** One application with all that its own gates look at. */
export interface Candidate {
  readonly app: AppPolicy;
  readonly state: AppSnapshot;
  readonly opening: Opening;
  readonly risk: number;
}

/** What all gates look at. */
export interface GateContext {
  readonly policy: ReleasePolicy;
  readonly nowMs: number;
  readonly headroom: number | null;
  /** High-risk applications need consent. */
  readonly pausesHighRisk: boolean;
  readonly override: boolean;
  /** null: not configured, or unknown to Argo CD. */
  readonly stateOf: (name: string) => AppSnapshot | null;
}

type Gate = (candidate: Candidate, context: GateContext) => Hold | null;

/** Failures in a row after which an application is released only as a probe. */
export const probeAfterFailures = 3;

/** The first thing that holds the application back; null: it may compete. */
export function holdOf(candidate: Candidate, context: GateContext): Hold | null {
  for (const gate of gates) {
    const found = gate(candidate, context);
    if (found) return found;
  }
  return null;
}

/** Consent to release what is pending now. */
function isApproved({ approval, revision }: AppSnapshot, nowMs: number): boolean {
  if (approval === null || approval.untilMs <= nowMs) return false;
  return approval.revision === null || approval.revision === revision;
}

const gates: readonly Gate[] = [
  ({ state }) =>
    state.sync === "Unknown" ? hold("unknown_state", "Argo CD does not know whether it is in sync") : null,
  ({ state }) => (state.inFlight ? hold("in_flight", "a release or an operation is under way") : null),
  ({ state }) => (state.deleting ? hold("deleting", "the Application is being deleted") : null),
  ({ state }) => (state.autoSync ? hold("auto_sync", "Argo CD syncs it by itself (syncPolicy.automated)") : null),
  headroomGate,
  windowGate,
  condemnedGate,
  backoffGate,
  dependencyGate,
  changeGate,
  riskGate,
  sizeGate,
];

function headroomGate(_: Candidate, { headroom, policy }: GateContext): Hold | null {
  if (headroom === null) return hold("unknown_headroom", "how full the cluster is, is not known");
  if (headroom >= policy.minHeadroom) return null;
  return hold("low_headroom", `headroom is ${headroom.toFixed(3)}, ${policy.minHeadroom.toFixed(3)} is required`);
}

function windowGate({ opening, state }: Candidate, { nowMs }: GateContext): Hold | null {
  if (!opening.open) return hold("outside_allowed_window", `${opening.reason}${until(opening)}`);
  const { expectedMs } = state;
  if (expectedMs === null || opening.untilMs === null || nowMs + expectedMs <= opening.untilMs) return null;
  const seconds = Math.round(expectedMs / 1000);
  return hold("window_too_short", `its releases take ${seconds} s and the window ends at ${instant(opening.untilMs)}`);
}

function condemnedGate({ state }: Candidate, { nowMs }: GateContext): Hold | null {
  const { revision, track, approval } = state;
  if (revision === null || track.condemnedRevision !== revision) return null;
  if (approval?.revision === revision && isApproved(state, nowMs)) return null;
  return hold("condemned_revision", `revision ${revision} failed and was rolled back`);
}

function backoffGate({ state: { track } }: Candidate, { nowMs }: GateContext): Hold | null {
  if (track.retryAtMs === null || track.retryAtMs <= nowMs) return null;
  return hold(
    "backing_off",
    `${track.failedAtMs.length} failures in a row, tried again at ${instant(track.retryAtMs)}`,
  );
}

function dependencyGate({ app }: Candidate, { stateOf }: GateContext): Hold | null {
  const unmet = app.dependsOn.map((name) => unmetBy(name, stateOf(name))).filter((one) => one !== null);
  return unmet.length === 0 ? null : hold("waits_for_dependency", `needs ${unmet.join(", ")}`);
}

function unmetBy(name: string, state: AppSnapshot | null): string | null {
  if (state === null) return `${name} (unknown)`;
  if (state.inFlight) return `${name} (its release is under way)`;
  if (state.sync === "Synced" && state.health === "Healthy") return null;
  return `${name} (${state.sync}, ${state.health})`;
}

function changeGate({ state }: Candidate): Hold | null {
  return state.change === null ? hold("unknown_change", "what would change has not been read yet") : null;
}

function riskGate({ risk, state }: Candidate, context: GateContext): Hold | null {
  const { policy, nowMs, pausesHighRisk, override } = context;
  if (risk < policy.risk.high || !pausesHighRisk || override || isApproved(state, nowMs)) return null;
  const expired = state.approval !== null && state.approval.untilMs <= nowMs ? "; its approval has expired" : "";
  return hold(
    "high_risk_paused",
    `risk ${number(risk)} is ${number(policy.risk.high)} or more and needs an approval${expired}`,
  );
}

function sizeGate({ app }: Candidate, { policy }: GateContext): Hold | null {
  return app.r > policy.rmax ? hold("over_rmax", `needs ${number(app.r)}, Rmax is ${number(policy.rmax)}`) : null;
}

export function hold(reason: HoldReason, detail: string): Hold {
  return { reason, detail };
}

function until({ untilMs }: Opening): string {
  return untilMs === null ? "" : `, next change at ${instant(untilMs)}`;
}

function instant(ms: number): string {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}

export function number(value: number): string {
  return String(Number(value.toFixed(4)));
}
