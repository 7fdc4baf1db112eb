import type { Clock } from "@walras/kit";

import { outcomeOf, type Standing } from "./outcome.ts";
import { rationMessage } from "./ration.ts";
import { allocationSpec, allocationStatus, type RecordedTarget } from "./record.ts";
import type { AllocationRecord } from "./recorder.ts";
import { targetsOf } from "../decide/byPod.ts";
import type { NodeDecision, Target } from "../decide/snapshot.ts";
import { isResizableNow } from "../observe/eligibility.ts";
import { isComingBack } from "../observe/managed.ts";
import type { ResizeLog } from "../act/log.ts";
import { standingRefusal } from "../act/memory.ts";
import type { PodOutcome, RoundResult } from "./result.ts";
import { areNews, type Saying, sayingOf, saysSame } from "./saying.ts";

/** Recommendations closer than this to the last are the same one. */
const sameShare = 0.1;

/** A resize that is under way for longer than this is worth telling of. */
const passingMs = 3_000;

/** Turns rounds into what PodAllocations say. */
export class Explainer {
  readonly #log: ResizeLog;
  readonly #clock: Clock;
  readonly #advised = new Map<string, readonly RecordedTarget[]>();
  readonly #said = new Map<string, Saying>();
  /** Since when a pod's resize is on its way. */
  readonly #underWayMs = new Map<string, number>();

  constructor(log: ResizeLog, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /**
   * What is new to say; the same again only now and then, for the numbers in it.
   *
   * @param isFull too much waits to be written: what no resize waits for is said when all of the node is decided again
   */
  records({ decision, fresh }: RoundResult, isFull: boolean): AllocationRecord[] {
    return fresh.flatMap((outcome) => {
      if (outcome.managed.mode === "off") return [];
      const passing = this.#isPassing(outcome);
      if (isFull && outcome.resize === null) return [];
      if (this.#isSaid(outcome, decision, passing)) return [];
      const record = this.#record(outcome, decision);
      return [passing ? { ...record, status: null } : record];
    });
  }

  /** What was said of the pod is lost. */
  again(podUid: string): void {
    this.#said.delete(podUid);
  }

  forget(podUid: string): void {
    this.#advised.delete(podUid);
    this.#said.delete(podUid);
    this.#underWayMs.delete(podUid);
  }

  /** A node takes a resize within a second or two: how it stands is told when it has, or has not for longer. */
  #isPassing({ managed, resize, verdict }: PodOutcome): boolean {
    const { uid } = managed.pod;
    if (resize === null && verdict.kind !== "inFlight") {
      this.#underWayMs.delete(uid);
      return false;
    }
    const nowMs = this.#clock.monotonicMs();
    const sinceMs = this.#underWayMs.get(uid) ?? nowMs;
    this.#underWayMs.set(uid, sinceMs);
    return nowMs - sinceMs < passingMs;
  }

  #isSaid(outcome: PodOutcome, decision: NodeDecision, passing: boolean): boolean {
    const { uid } = outcome.managed.pod;
    // Its status is still to be told.
    if (passing) {
      this.#said.delete(uid);
      return outcome.resize === null;
    }
    const before = this.#said.get(uid);
    const now = sayingOf(outcome, decision, this.#log, this.#clock.monotonicMs());
    // What is recommended is news by its numbers, which are near to the last or not.
    const holds = before !== undefined && outcome.managed.mode !== "recommend" && saysSame(before, now);
    if (holds && !areNews(before.numbers, now.numbers, now.atMs - before.atMs)) return true;
    this.#said.set(uid, now);
    return false;
  }

  #record(outcome: PodOutcome, decision: NodeDecision): AllocationRecord {
    const { managed, ration } = outcome;
    const { pod, declared, mode } = managed;
    const targets = targetsOf(decision, pod.uid);
    const recorded =
      mode === "recommend" ? this.#advice(pod.uid, targets) : targets.map((target) => asPlanned(target, outcome));
    const credit = decision.credits.get(pod.uid) ?? 0;
    const market = { ...decision, credit, rationMilli: ration?.rationMilli ?? null };
    const result = outcomeOf(this.#standing(outcome, targets));
    return {
      pod,
      spec: allocationSpec(pod, declared, recorded),
      status: allocationStatus(pod, recorded, market, withComplaints(result, managed)),
    };
  }

  #standing(outcome: PodOutcome, targets: readonly Target[]): Standing {
    const { pod, leftAlone, kept, mode } = outcome.managed;
    return {
      leftAlone,
      running: isResizableNow(pod),
      kept: kept?.message ?? null,
      recommendOnly: mode === "recommend",
      comingBack: isComingBack(outcome.managed),
      unknown: targets.length > 0 && targets.every(({ binding }) => binding === "Held"),
      refusal: standingRefusal(this.#log.of(pod.uid), this.#clock.monotonicMs()),
      waiting: outcome.waiting,
      bound: outcome.bound,
      rationed: outcome.ration && rationMessage(outcome.ration),
      verdict: outcome.resize ? { kind: "inFlight" } : outcome.verdict,
    };
  }

  #advice(podUid: string, targets: readonly Target[]): readonly RecordedTarget[] {
    const before = this.#advised.get(podUid);
    if (
      before &&
      targets.length === before.length &&
      targets.every((target) => before.some((one) => isSame(one, target)))
    )
      return before;
    this.#advised.set(podUid, targets);
    return targets;
  }
}

/** What is desired after this round: the resize that was sent, or what the pod desires already. */
function asPlanned(target: Target, { resize, managed }: PodOutcome): RecordedTarget {
  const sent = resize?.containers.find(({ name }) => name === target.container);
  const desired = managed.pod.containers.find(({ name }) => name === target.container)?.desired;
  return {
    ...target,
    requestMilli: sent?.requestMilli ?? desired?.requestMilli ?? target.requestMilli,
    limitMilli: sent ? sent.limitMilli : (desired?.limitMilli ?? null),
  };
}

function isSame(one: RecordedTarget, other: RecordedTarget): boolean {
  if (one.container !== other.container) return false;
  return isNear(one.requestMilli, other.requestMilli) && isNear(one.limitMilli ?? 0, other.limitMilli ?? 0);
}

function isNear(one: number, other: number): boolean {
  return Math.abs(one - other) <= sameShare * Math.max(one, other);
}

function withComplaints(
  result: ReturnType<typeof outcomeOf>,
  managed: PodOutcome["managed"],
): ReturnType<typeof outcomeOf> {
  if (managed.complaints.length === 0) return result;
  return { ...result, message: `${result.message}; ignored: ${managed.complaints.join("; ")}` };
}
