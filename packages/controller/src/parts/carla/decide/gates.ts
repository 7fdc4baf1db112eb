import { type ApplicationName, refOf } from "../config/named.ts";
import { dependencyGate } from "./dependency.ts";
import { type Candidate, type Gate, type GateContext, type Hold, hold, instant, number } from "./hold.ts";
import { leftoverOf } from "./leftovers.ts";
import type { AppSnapshot } from "./snapshot.ts";
import { freezeGate, windowGate } from "./timeGates.ts";

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

/** Somebody wants this very revision, whatever is held against it. */
function isApprovedByName(state: AppSnapshot, nowMs: number): boolean {
  return state.revision !== null && state.approval?.revision === state.revision && isApproved(state, nowMs);
}

const gates: readonly Gate[] = [
  stateGate,
  ({ state }) => (state.inFlight ? hold("in_flight", "a release or an operation is under way") : null),
  ({ state }) => (state.deleting ? hold("deleting", "the Application is being deleted") : null),
  ({ state }) => (state.autoSync ? hold("auto_sync", "Argo CD syncs it by itself (syncPolicy.automated)") : null),
  memoryGate,
  freezeGate,
  headroomGate,
  windowGate,
  condemnedGate,
  backoffGate,
  dependencyGate,
  changeGate,
  leftoverGate,
  riskGate,
  sizeGate,
];

function stateGate({ app, state }: Candidate, { policy }: GateContext): Hold | null {
  if (state.presence === "absent" || state.presence === "hidden")
    return notShown(refOf(app, { policy }), state.presence, policy);
  if (state.sync !== "Unknown") return null;
  if (state.presence === "unreadable") return hold("unknown_state", "what Argo CD tells of it cannot be understood");
  const told = "Argo CD does not know whether it is in sync: see the conditions in its status";
  return hold("unknown_state", state.presence === "present" ? told : "nothing is known of it yet");
}

/** Argo CD answers alike about what is not there and what one may not see; who may see all can tell. */
function notShown(
  { namespace, name }: ApplicationName,
  presence: "absent" | "hidden",
  { argo }: GateContext["policy"],
): Hold {
  const where = `${namespace}/${name}`;
  const isElsewhere = namespace !== argo.appNamespace;
  const elsewhere = isElsewhere ? ", or Argo CD takes none from that namespace (application.namespaces)" : "";
  if (presence === "absent") return hold("no_such_application", `there is no Application ${where}${elsewhere}`);
  const why = `there is none of this name, or the token's account has no right to get it${elsewhere}`;
  return hold("no_such_application", `Argo CD shows no Application ${where}: ${why}`);
}

function memoryGate(_: Candidate, { unremembered }: GateContext): Hold | null {
  if (unremembered === null) return null;
  return hold("not_remembered", `what was released before cannot be read, and is tried again: ${unremembered}`);
}

function headroomGate(_: Candidate, { headroom, policy }: GateContext): Hold | null {
  if (headroom === null) return hold("unknown_headroom", "how full the cluster is, is not known");
  if (headroom >= policy.minHeadroom) return null;
  return hold("low_headroom", `headroom is ${headroom.toFixed(3)}, ${policy.minHeadroom.toFixed(3)} is required`);
}

function condemnedGate({ state }: Candidate, { nowMs }: GateContext): Hold | null {
  const { revision, track } = state;
  if (revision === null || track.condemnedRevision !== revision || isApprovedByName(state, nowMs)) return null;
  return hold("condemned_revision", `revision ${revision} failed and was rolled back`);
}

function backoffGate({ state: { track } }: Candidate, { nowMs }: GateContext): Hold | null {
  if (track.retryAtMs === null || track.retryAtMs <= nowMs) return null;
  return hold(
    "backing_off",
    `${track.failedAtMs.length} failures in a row, tried again at ${instant(track.retryAtMs)}`,
  );
}

function changeGate({ state }: Candidate): Hold | null {
  return state.change === null ? hold("unknown_change", "what would change has not been read yet") : null;
}

function leftoverGate({ app, state }: Candidate, { nowMs }: GateContext): Hold | null {
  return isApprovedByName(state, nowMs) ? null : leftoverOf(app, state);
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
