import type { ContainerState, PodState } from "../cluster/pod.ts";
import { mustStayBelowLimit } from "./eligibility.ts";
import type { Verdict } from "./verdict.ts";

/** What a container should have; null: it has no limit and gets none. */
export interface Wanted {
  readonly requestMilli: number;
  readonly limitMilli: number | null;
  /** A bound binds, not need: small differences count, and at once. */
  readonly scarce: boolean;
  /** The container is throttled or about to be: its limit cannot wait. */
  readonly pressed: boolean;
}

/** What is remembered of a pod between decisions; everything else is read from the pod. */
export interface ResizeMemory {
  /** The generation our last patch made; 0 without one. */
  readonly patchedGeneration: number;
  readonly lastCutMs: number;
  readonly deferredSinceMs: number | null;
  /** The API server or the node refused to raise this pod. */
  readonly refusal: Refusal | null;
}

export interface Refusal {
  readonly reason: string;
  readonly message: string;
  /** Nothing is raised before. */
  readonly untilMs: number;
  readonly attempts: number;
}

/** How small a change is too small, and how often to cut. */
export interface ResizePolicy {
  readonly minMilli: number;
  readonly granuleMilli: number;
  /** Changes smaller than this are noise, unless a bound or throttling asks for them. */
  readonly leastStepMilli: number;
  readonly raiseDeadband: number;
  readonly requestDeadband: number;
  readonly cutDeadband: number;
  readonly cutCooldownMs: number;
  /** A deferred resize is left to the kubelet for so long before the request is given up. */
  readonly deferredPatienceMs: number;
}

/** One container's part of a resize. */
export interface ContainerResize {
  readonly name: string;
  readonly requestMilli: number;
  readonly limitMilli: number | null;
}

/** A resize of one pod, all containers or none. */
export interface PodResize {
  readonly pod: PodState;
  readonly containers: readonly ContainerResize[];
  /** Change of the pod's request against what is counted now. */
  readonly requestDeltaMilli: number;
  /** Lowers a request or a limit. */
  readonly cuts: boolean;
  /** Raises a request or a limit. */
  readonly raises: boolean;
  readonly cause: "market" | "revert" | "release";
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
  if (verdict.kind === "deferred" && !patienceOver(input, policy)) return null;
  const containers = input.pod.containers.map((container) => resizeOf(container, input, policy));
  return resizeTo(input.pod, containers, "market");
}

/** The same resize with every request where it was: it cannot be deferred (KEP-1287 counts requests only). */
export function withoutRaisedRequests(resize: PodResize): PodResize | null {
  const containers = resize.containers.map((one) => {
    const current =
      resize.pod.containers.find(({ name }) => name === one.name)?.desired.requestMilli ?? one.requestMilli;
    return { ...one, requestMilli: Math.min(one.requestMilli, current) };
  });
  return resize.pod.qos === "Guaranteed" ? null : resizeTo(resize.pod, containers, resize.cause);
}

function patienceOver({ memory, nowMs }: PlanInput, policy: ResizePolicy): boolean {
  return memory.deferredSinceMs !== null && nowMs - memory.deferredSinceMs >= policy.deferredPatienceMs;
}

/** An infeasible desire is never looked at again; what was admitted is desired anew. */
function revert(pod: PodState): PodResize | null {
  const containers = pod.containers.map(({ name, desired, allocatedMilli, actual }) => ({
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
  const limitMilli = limitOf(desired.limitMilli, wanted, input, policy);
  // A request that waited goes along with a limit that is raised anyway.
  const along = (limitMilli ?? 0) > (desired.limitMilli ?? 0);
  const raiseDeadband = wanted.scarce || along ? policy.raiseDeadband : policy.requestDeadband;
  const change = { current, target: wanted.requestMilli, scarce: wanted.scarce, urgent: along };
  const requestMilli = changed(change, input, { ...policy, raiseDeadband });
  const admitted = input.verdict.kind === "deferred" ? (allocatedMilli ?? current) : Infinity;
  return { name, ...keepClass(input.pod, Math.min(admitted, requestMilli), limitMilli, policy) };
}

function limitOf(current: number | null, wanted: Wanted, input: PlanInput, policy: ResizePolicy): number | null {
  if (current === null || wanted.limitMilli === null) return current;
  return changed({ current, target: wanted.limitMilli, scarce: wanted.scarce, urgent: wanted.pressed }, input, policy);
}

/** A change under consideration. */
interface Change {
  readonly current: number;
  readonly target: number;
  readonly scarce: boolean;
  readonly urgent: boolean;
}

/** The new value, or the current one where the difference is too small, too soon or refused. */
function changed(change: Change, input: PlanInput, policy: ResizePolicy): number {
  const goal = Math.max(policy.minMilli, change.target);
  const worth = goal > change.current ? isWorthRaising : isWorthCutting;
  return worth({ ...change, target: goal }, input, policy) ? goal : change.current;
}

function isWorthRaising({ current, target, scarce, urgent }: Change, input: PlanInput, policy: ResizePolicy): boolean {
  const least = scarce || urgent ? policy.granuleMilli : policy.leastStepMilli;
  return target - current >= Math.max(least, current * policy.raiseDeadband) && !isRefused(input.memory, input.nowMs);
}

function isWorthCutting({ current, target, scarce }: Change, input: PlanInput, policy: ResizePolicy): boolean {
  if (scarce) return current - target >= Math.max(policy.granuleMilli, current * policy.raiseDeadband);
  const rested = input.nowMs - input.memory.lastCutMs >= policy.cutCooldownMs;
  return rested && current - target >= Math.max(policy.leastStepMilli, current * policy.cutDeadband);
}

function isRefused({ refusal }: ResizeMemory, nowMs: number): boolean {
  return refusal !== null && nowMs < refusal.untilMs;
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

/**
 * The resize that gives a pod these resources; null where it desires them
 * already.
 */
export function resizeTo(
  pod: PodState,
  containers: readonly ContainerResize[],
  cause: PodResize["cause"],
): PodResize | null {
  const steps = containers.map((to) =>
    difference(
      to,
      pod.containers.find(({ name }) => name === to.name),
    ),
  );
  if (!steps.some((step) => step.cuts || step.raises)) return null;
  const requestDeltaMilli = steps.reduce((sum, { deltaMilli }) => sum + deltaMilli, 0);
  const cuts = steps.some((step) => step.cuts);
  const raises = steps.some((step) => step.raises);
  return { pod, containers, requestDeltaMilli, cuts, raises, cause };
}

function difference(
  to: ContainerResize,
  from: ContainerState | undefined,
): { cuts: boolean; raises: boolean; deltaMilli: number } {
  if (!from) return { cuts: false, raises: false, deltaMilli: 0 };
  const request = from.desired.requestMilli ?? 0;
  const limit = from.desired.limitMilli ?? Infinity;
  const toLimit = to.limitMilli ?? Infinity;
  const counted = Math.max(request, from.allocatedMilli ?? 0, from.actual?.requestMilli ?? 0);
  return {
    cuts: to.requestMilli < request || toLimit < limit,
    raises: to.requestMilli > request || toLimit > limit,
    deltaMilli: to.requestMilli - counted,
  };
}
