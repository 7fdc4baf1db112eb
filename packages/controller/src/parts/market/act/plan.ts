import type { ContainerState, PodState } from "../../../base/cluster/pod.ts";
import { isSizable, mustStayBelowLimit } from "../observe/eligibility.ts";
import { isPaused, type Lane, type ResizeMemory } from "./memory.ts";
import { type ContainerResize, type PodResize, resizeTo } from "./resize.ts";
import type { Verdict } from "./verdict.ts";
import { type Deadbands, isWorth, type Step } from "./worth.ts";

/** What a container should have; null: it has no limit and gets none. */
export interface Wanted {
  readonly requestMilli: number;
  readonly limitMilli: number | null;
  /** An owner's bound binds, not need: small differences count, and at once. */
  readonly bound: boolean;
  /** Its limit is a ration. */
  readonly rationed: boolean;
  /** The container is throttled or about to be: its limit cannot wait. */
  readonly pressed: boolean;
  /** The request is not ours to change: exactly this, however small the difference. */
  readonly requestKept?: true;
}

/** How small a change is too small, and how often to cut. */
export interface ResizePolicy extends Deadbands {
  readonly minMilli: number;
  readonly requestDeadband: number;
  readonly cutCooldownMs: number;
  /** A deferred resize is left to the kubelet for so long before the request is given up. */
  readonly deferredPatienceMs: number;
}

/** What the planner looks at for one pod. */
export interface PlanInput {
  readonly pod: PodState;
  readonly wanted: ReadonlyMap<string, Wanted>;
  readonly verdict: Verdict;
  readonly memory: ResizeMemory;
  readonly nowMs: number;
}

/** The resize this pod needs now, or null where it needs none or must wait. */
export function planResize(input: PlanInput, policy: ResizePolicy): PodResize | null {
  const { verdict } = input;
  if (verdict.kind === "infeasible") return revert(input.pod);
  if (verdict.kind === "inFlight" || verdict.kind === "error") return null;
  if (verdict.kind === "deferred" && !patienceOver(input, policy) && !limitHangs(input)) return null;
  const containers = input.pod.containers.filter(isSizable).map((container) => resizeOf(container, input, policy));
  return resizeTo(input.pod, containers, "market");
}

function patienceOver({ memory, nowMs }: PlanInput, policy: ResizePolicy): boolean {
  return memory.deferredSinceMs !== null && nowMs - memory.deferredSinceMs >= policy.deferredPatienceMs;
}

/** A limit never waits for the request beside it: a pressed container whose limit is not raised yet gives the request up at once. */
function limitHangs({ pod, wanted }: PlanInput): boolean {
  if (pod.qos === "Guaranteed") return false;
  return pod.containers.filter(isSizable).some(({ name, actual }) => {
    const want = wanted.get(name);
    return want?.pressed === true && (want.limitMilli ?? 0) > (actual?.limitMilli ?? Infinity);
  });
}

/** An infeasible desire is never looked at again; what was admitted is desired anew. */
export function revert(pod: PodState): PodResize | null {
  const asking = pod.containers.filter(({ desired }) => desired.requestMilli !== null);
  const containers = asking.map(({ name, desired, allocatedMilli, actual }) => ({
    name,
    requestMilli: allocatedMilli ?? desired.requestMilli ?? 0,
    limitMilli: desired.limitMilli === null ? null : (actual?.limitMilli ?? desired.limitMilli),
  }));
  return resizeTo(pod, containers, "revert");
}

function resizeOf(container: ContainerState, input: PlanInput, policy: ResizePolicy): ContainerResize {
  const { name, desired, allocatedMilli } = container;
  const wanted = input.wanted.get(name);
  const current = desired.requestMilli ?? 0;
  if (!wanted) return { name, requestMilli: current, limitMilli: desired.limitMilli };
  const admittedMilli = input.verdict.kind === "deferred" ? (allocatedMilli ?? current) : Infinity;
  const limitMilli = limitOf(desired.limitMilli, wanted, input, policy);
  // A request that waited goes along with a limit that is raised anyway.
  const along = (limitMilli ?? 0) > (desired.limitMilli ?? 0);
  const { bound } = wanted;
  const raiseDeadband = bound || along ? policy.raiseDeadband : policy.requestDeadband;
  const change = { current, target: wanted.requestMilli, bound, rationed: false, urgent: along };
  const deadbands = { ...policy, raiseDeadband, cutDeadband: policy.requestDeadband };
  const goal = wanted.requestKept ? exactly(change, input) : changed("request", change, input, deadbands);
  const requestMilli = Math.min(admittedMilli, goal);
  return { name, ...keepClass(input.pod, requestMilli, admittedLimit(input.pod, limitMilli, admittedMilli), policy) };
}

/** A Guaranteed pod's limit is its request, and waits with it. */
function admittedLimit({ qos }: PodState, limitMilli: number | null, admittedMilli: number): number | null {
  return qos === "Guaranteed" && limitMilli !== null ? Math.min(admittedMilli, limitMilli) : limitMilli;
}

function limitOf(current: number | null, wanted: Wanted, input: PlanInput, policy: ResizePolicy): number | null {
  if (current === null || wanted.limitMilli === null) return current;
  const { bound, rationed, pressed } = wanted;
  const change = { current, target: wanted.limitMilli, bound, rationed, urgent: pressed };
  return changed("limit", change, input, policy);
}

function exactly({ current, target }: Change, input: PlanInput): number {
  return isRefused(target > current ? "request" : "cut", input) ? current : target;
}

type Change = Omit<Step, "rested">;

/** The new value, or the current one where the difference is too small, too soon or refused. */
function changed(lane: Lane, change: Change, input: PlanInput, policy: ResizePolicy): number {
  const goal = Math.max(policy.minMilli, change.target);
  const rises = goal > change.current;
  if (isRefused(rises ? lane : "cut", input)) return change.current;
  const rested = input.nowMs - input.memory.lastCutMs >= policy.cutCooldownMs;
  return isWorth({ ...change, target: goal, rested }, policy) ? goal : change.current;
}

/** A Guaranteed pod's request and limit are one, so that who refuses the one refuses the other. */
function isRefused(lane: Lane, { pod, memory, nowMs }: PlanInput): boolean {
  const lanes: readonly Lane[] = lane !== "cut" && pod.qos === "Guaranteed" ? ["request", "limit"] : [lane];
  return lanes.some((one) => isPaused(memory.refusals, one, nowMs));
}

/** QoS class is immutable: Guaranteed moves both together, Burstable keeps its distance. */
function keepClass(
  pod: PodState,
  requestMilli: number,
  limitMilli: number | null,
  policy: ResizePolicy,
): { requestMilli: number; limitMilli: number | null } {
  if (limitMilli === null) return { requestMilli, limitMilli };
  if (pod.qos === "Guaranteed") return { requestMilli: limitMilli, limitMilli };
  const gap = mustStayBelowLimit(pod) ? policy.granuleMilli : 0;
  const limit = Math.max(limitMilli, policy.minMilli + gap);
  return { requestMilli: Math.min(requestMilli, limit - gap), limitMilli: limit };
}
