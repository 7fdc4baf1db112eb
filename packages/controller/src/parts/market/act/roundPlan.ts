import type { PodState } from "../../../base/cluster/pod.ts";
import { targetsOf } from "../decide/byPod.ts";
import type { NodeDecision, Target } from "../decide/snapshot.ts";
import { allowanceOf, type NamespaceBounds, type QuotaTaken } from "../observe/allowance.ts";
import type { Declared } from "../observe/allocation.ts";
import { isToStart } from "../observe/eligibility.ts";
import { isBidder, isComingBack, type ManagedPod } from "../observe/managed.ts";
import type { Observation } from "../observe/node.ts";
import type { Bound } from "./breach.ts";
import { fit } from "./fit.ts";
import type { ResizeLog } from "./log.ts";
import { planResize, type ResizePolicy, revert, type Wanted } from "./plan.ts";
import { type QuotaRoom, takenBy } from "./quotaRoom.ts";
import { isPaused } from "./memory.ts";
import { lanesOf, type PodResize } from "./resize.ts";
import { planLimitRelease, planRelease } from "./restore.ts";
import { planStart } from "./start.ts";
import type { Verdict } from "./verdict.ts";

/** What a node's decision comes to, before it is looked at what has room. */
export interface RoundPlan {
  readonly resizes: readonly PodResize[];
  /** Released pods that have what they declared. */
  readonly done: readonly PodState[];
  /** What their namespaces keep pods from having, by pod UID. */
  readonly bounds: ReadonlyMap<string, Bound>;
}

export interface RoundPlanContext {
  readonly bounds: NamespaceBounds;
  readonly log: ResizeLog;
  readonly quotas: QuotaRoom;
  readonly verdictOf: (pod: PodState) => Verdict;
  /** Whether the last round's word about the pod holds, which left nothing to do. */
  readonly isDecided: (podUid: string) => boolean;
  readonly policy: ResizePolicy;
  readonly nowMs: number;
}

/** Plans the resizes of a node's pods, each within what its namespace allows. */
export function planRound(observation: Observation, decision: NodeDecision, context: RoundPlanContext): RoundPlan {
  const round = new Planning(context);
  for (const managed of observation.managed) round.managed(managed, decision);
  for (const { pod, declared } of observation.released) round.released(pod, declared);
  return round;
}

const nothingTaken: QuotaTaken = { requestMilli: 0, limitMilli: 0 };

class Planning implements RoundPlan {
  readonly resizes: PodResize[] = [];
  readonly done: PodState[] = [];
  readonly bounds = new Map<string, Bound>();
  readonly #context: RoundPlanContext;
  /** What this round has taken of each namespace's quotas. */
  readonly #taken = new Map<string, QuotaTaken>();

  constructor(context: RoundPlanContext) {
    this.#context = context;
  }

  managed(managed: ManagedPod, decision: NodeDecision): void {
    if (managed.mode === "off" || this.#context.isDecided(managed.pod.uid)) return;
    if (managed.mode === "recommend") this.#comingBack(managed);
    else if (managed.leftAlone) this.#leftAlone(managed);
    else if (isToStart(managed.pod)) this.#start(managed, decision);
    else if (isBidder(managed) && !this.#limitsBack(managed)) this.#bidder(managed, decision);
  }

  released(pod: PodState, declared: ReadonlyMap<string, Declared>): void {
    const resize = planRelease(pod, declared, this.#context.verdictOf(pod));
    if (resize === "done") this.done.push(pod);
    else if (resize) this.#fitted(resize, declared);
  }

  #bidder({ pod, declared }: ManagedPod, decision: NodeDecision): void {
    const { log, verdictOf, policy, nowMs } = this.#context;
    const verdict = verdictOf(pod);
    const input = { pod, wanted: wantedOf(pod, decision), verdict, memory: log.of(pod.uid), nowMs };
    const resize = planResize(input, policy);
    if (!resize) return;
    if (verdict.kind === "deferred") log.gaveUp(pod.uid, verdict.message, nowMs);
    this.#fitted(resize, declared);
  }

  #start(managed: ManagedPod, { startMilli }: NodeDecision): void {
    const { bounds, log, verdictOf, nowMs } = this.#context;
    const { pod, mode, declared } = managed;
    if (startMilli === null || mode !== "full" || pod.qos === "Guaranteed") return;
    // What one that starts took of a quota would keep the next from being created.
    if (bounds.quotas(pod.namespace).some(({ limitLeftMilli }) => limitLeftMilli !== null)) return;
    if (verdictOf(pod).kind !== "settled" || isPaused(log.of(pod.uid).refusals, "limit", nowMs)) return;
    const resize = planStart(managed, startMilli);
    if (resize) this.#fitted(resize, declared);
  }

  #comingBack(managed: ManagedPod): void {
    if (!isComingBack(managed)) return;
    const { pod, declared } = managed;
    this.#givenBack(planRelease(pod, declared, this.#context.verdictOf(pod)), declared);
  }

  /** @returns whether it has limits that are not its owner's, and so waits with its requests */
  #limitsBack({ pod, mode, declared }: ManagedPod): boolean {
    if (mode !== "requests") return false;
    const { verdictOf, policy } = this.#context;
    const verdict = verdictOf(pod);
    if (verdict.kind === "infeasible") return false;
    return this.#givenBack(planLimitRelease(pod, declared, verdict, policy.granuleMilli), declared);
  }

  /** @returns whether it is asked for: what was refused waits */
  #givenBack(resize: ReturnType<typeof planRelease>, declared: ManagedPod["declared"]): boolean {
    const { log, nowMs } = this.#context;
    if (resize === null || resize === "done") return false;
    const { refusals } = log.of(resize.pod.uid);
    if (lanesOf(resize).some((lane) => isPaused(refusals, lane, nowMs))) return false;
    this.#fitted(resize, declared);
    return true;
  }

  /** What is left alone does not stand as the market left it. */
  #leftAlone({ pod, leftAlone, declared }: ManagedPod): void {
    const verdict = this.#context.verdictOf(pod);
    const back = verdict.kind === "infeasible" ? revert(pod) : null;
    if (back) this.resizes.push(back);
    else if (leftAlone && givenBack.has(leftAlone.reason)) {
      const resize = planRelease(pod, declared, verdict);
      if (resize && resize !== "done") this.#fitted(resize, declared);
    }
  }

  #fitted(resize: PodResize, declared: ReadonlyMap<string, Declared>): void {
    const { pod } = resize;
    const fitted = fit(resize, this.#allowance(pod), declared, this.#context.policy.granuleMilli);
    if (fitted.bound && resize.raises && resize.cause !== "start") this.bounds.set(pod.uid, fitted.bound);
    if (!fitted.resize) return;
    this.resizes.push(fitted.resize);
    this.#taken.set(pod.namespace, plus(this.#takenIn(pod), takenBy(fitted.resize)));
  }

  #allowance(pod: PodState): ReturnType<typeof allowanceOf> {
    const { bounds, quotas } = this.#context;
    // Most namespaces have none, and what is on its way is summed over all pods of one.
    if (bounds.quotas(pod.namespace).length === 0) return allowanceOf(pod, bounds, nothingTaken);
    return allowanceOf(pod, bounds, plus(this.#takenIn(pod), quotas.heldByOthers(pod.namespace, pod.uid)));
  }

  #takenIn({ namespace }: PodState): QuotaTaken {
    return this.#taken.get(namespace) ?? nothingTaken;
  }
}

/** Left alone for what may come late, so that the market may have been there before. */
const givenBack: ReadonlySet<string> = new Set(["GuaranteedRequest", "SandboxedRuntime", "UnderVpa"]);

function plus(one: QuotaTaken, other: QuotaTaken): QuotaTaken {
  return {
    requestMilli: one.requestMilli + other.requestMilli,
    limitMilli: one.limitMilli + other.limitMilli,
  };
}

function wantedOf(pod: PodState, decision: NodeDecision): Map<string, Wanted> {
  return new Map(targetsOf(decision, pod.uid).map((target) => [target.container, asWanted(target)]));
}

function asWanted(target: Target): Wanted {
  return { ...target, bound: target.binding === "MaxCpu", rationed: target.rationMilli !== null };
}
