import type { Clock } from "@walras/kit";

import { outcomeOf } from "../allocation/outcome.ts";
import { allocationSpec, allocationStatus, type RecordedTarget } from "../allocation/record.ts";
import type { AllocationRecord } from "../allocation/recorder.ts";
import type { NodeDecision, Target } from "../market/snapshot.ts";
import { isResizableNow } from "../resize/eligibility.ts";
import type { ResizeLog } from "../resize/log.ts";
import type { Refusal } from "../resize/plan.ts";
import type { PodOutcome, RoundResult } from "./round.ts";

/** Recommendations closer than this to the last are the same one. */
const sameShare = 0.1;

/** Prices and credits move each second; they are looked at this often. */
const repeatMs = 5_000;

/** Turns rounds into what PodAllocations say. */
export class Explainer {
  readonly #log: ResizeLog;
  readonly #clock: Clock;
  readonly #advised = new Map<string, readonly RecordedTarget[]>();
  readonly #said = new Map<string, { readonly gist: string; readonly atMs: number }>();

  constructor(log: ResizeLog, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** What is new to say; the same again only now and then, for the numbers in it. */
  records({ decision, outcomes }: RoundResult): AllocationRecord[] {
    const news = outcomes.filter((one) => one.managed.mode !== "off" && !this.#isSaid(one, decision));
    return news.map((outcome) => this.#record(outcome, decision));
  }

  forget(podUid: string): void {
    this.#advised.delete(podUid);
    this.#said.delete(podUid);
  }

  #isSaid(outcome: PodOutcome, decision: NodeDecision): boolean {
    const { pod } = outcome.managed;
    const gist = gistOf(outcome, decision, this.#log.of(pod.uid).refusal);
    const nowMs = this.#clock.monotonicMs();
    const before = this.#said.get(pod.uid);
    if (gist !== null && before?.gist === gist && nowMs - before.atMs < repeatMs) return true;
    this.#said.set(pod.uid, { gist: gist ?? "", atMs: nowMs });
    return false;
  }

  #record(outcome: PodOutcome, decision: NodeDecision): AllocationRecord {
    const { managed, resize } = outcome;
    const { pod, declared, mode, leftAlone } = managed;
    const targets = decision.targets.filter(({ podUid }) => podUid === pod.uid);
    const recorded =
      mode === "recommend" ? this.#advice(pod.uid, targets) : targets.map((target) => asPlanned(target, outcome));
    const refusal = this.#log.of(pod.uid).refusal;
    const market = { ...decision, credit: decision.credits.get(pod.uid) ?? 0 };
    const result = outcomeOf({
      leftAlone,
      running: isResizableNow(pod),
      recommendOnly: mode === "recommend",
      unknown: targets.length > 0 && targets.every(({ binding }) => binding === "Held"),
      refusal: refusal && this.#clock.monotonicMs() < refusal.untilMs ? refusal : null,
      waiting: outcome.waiting,
      verdict: resize ? { kind: "inFlight" } : outcome.verdict,
    });
    return {
      pod,
      spec: allocationSpec(pod, declared, recorded),
      status: allocationStatus(pod, recorded, market, withComplaints(result, managed)),
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

/**
 * Everything but numbers that a record would say, cheaply: most pods have
 * nothing new most of the time. null where the numbers are the news.
 */
function gistOf(outcome: PodOutcome, { targets }: NodeDecision, refusal: Refusal | null): string | null {
  const { managed, verdict, resize, waiting } = outcome;
  const { pod, leftAlone, mode } = managed;
  if (mode === "recommend" || resize) return null;
  const bindings = targets.filter(({ podUid }) => podUid === pod.uid).map(({ binding }) => binding);
  const told = "message" in verdict ? verdict.message : "";
  return [
    pod.generation,
    verdict.kind,
    told,
    waiting,
    leftAlone?.reason,
    refusal?.untilMs,
    pod.phase,
    ...bindings,
  ].join(" ");
}
