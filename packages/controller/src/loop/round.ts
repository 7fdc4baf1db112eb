import type { MarketModeSetting } from "@walras/api";
import type { Clock } from "@walras/kit";

import type { ClusterView } from "../cluster/view.ts";
import type { PodState } from "../cluster/pod.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { MarketBook } from "../market/book.ts";
import { decide } from "../market/decide.ts";
import type { MarketPolicy } from "../market/policy.ts";
import type { Binding, NodeDecision } from "../market/snapshot.ts";
import { admit, type Admission } from "../resize/admit.ts";
import type { ResizeLog } from "../resize/log.ts";
import { planResize, type PodResize, type ResizePolicy, type Wanted } from "../resize/plan.ts";
import { type Verdict, verdict } from "../resize/verdict.ts";
import { planRelease } from "./release.ts";
import { isBidder, type ManagedPod, type Observation, observeNode } from "./snapshot.ts";
import type { StepTimer } from "./steps.ts";

/** A managed pod after a round: how it stood, and what is to become of it. */
export interface PodOutcome {
  readonly managed: ManagedPod;
  readonly verdict: Verdict;
  /** The resize that was sent in this round; null without one. */
  readonly resize: PodResize | null;
  readonly waiting: boolean;
}

/** What one round made of one node. */
export interface RoundResult {
  readonly decision: NodeDecision;
  readonly observation: Observation;
  readonly outcomes: readonly PodOutcome[];
}

/** Where a round's consequences go. */
export interface RoundSinks {
  resize(resize: PodResize, scarce: boolean): void;
  /** A released pod has what it declared: nothing is left to do for it. */
  released(pod: PodState): void;
  explain(result: RoundResult): void;
}

export interface RoundOptions {
  readonly view: ClusterView;
  readonly ledger: Ledger;
  readonly book: MarketBook;
  readonly log: ResizeLog;
  readonly mode: MarketModeSetting;
  readonly policy: MarketPolicy;
  readonly resizePolicy: ResizePolicy;
  readonly sinks: RoundSinks;
  readonly timer: StepTimer;
  readonly clock: Clock;
}

/** One node, one round: observe → decide → plan → validate → act → explain. */
export class NodeRound {
  readonly #options: RoundOptions;
  readonly #lastMs = new Map<string, number>();

  constructor(options: RoundOptions) {
    this.#options = options;
  }

  run(node: string): RoundResult {
    const { timer, clock, sinks } = this.#options;
    const nowMs = clock.monotonicMs();
    const observation = timer.step("observe", () => this.#observe(node, nowMs));
    const decision = timer.step("decide", () => this.#decide(observation, nowMs));
    const planned = timer.step("plan", () => this.#plan(observation, decision, nowMs));
    const admission = timer.step("validate", () => admit(planned, observation.freeMilli));
    timer.step("act", () => {
      const scarce = decision.mode !== "uncongested" || admission.waiting.size > 0;
      for (const resize of admission.resizes) sinks.resize(resize, scarce);
    });
    const result = { decision, observation, outcomes: this.#outcomes(observation, admission) };
    timer.step("explain", () => sinks.explain(result));
    return result;
  }

  forget(node: string): void {
    this.#lastMs.delete(node);
  }

  #observe(node: string, nowMs: number): Observation {
    const { view, ledger, book, log, mode } = this.#options;
    for (const pod of view.podsOn(node)) {
      for (const { containerId } of pod.containers) {
        const reading = ledger.container(node, containerId);
        if (reading) book.observe(containerId, reading);
      }
    }
    const observation = observeNode(node, view, book, mode);
    for (const { pod } of observation.managed) log.noted(pod.uid, this.#verdictOf(pod), nowMs);
    return observation;
  }

  #decide({ snapshot }: Observation, nowMs: number): NodeDecision {
    const { policy, book } = this.#options;
    const lastMs = this.#lastMs.get(snapshot.node) ?? nowMs;
    this.#lastMs.set(snapshot.node, nowMs);
    const elapsedSeconds = Math.min(longestRoundSeconds, (nowMs - lastMs) / 1000);
    const decision = decide(snapshot, policy, { nowMs, elapsedSeconds });
    book.settle(decision.credits);
    return decision;
  }

  #plan(observation: Observation, decision: NodeDecision, nowMs: number): PodResize[] {
    const { log, resizePolicy, sinks } = this.#options;
    const planned: PodResize[] = [];
    for (const managed of observation.managed.filter(mayResize)) {
      const { pod } = managed;
      const input = {
        pod,
        wanted: wantedOf(pod, decision),
        verdict: this.#verdictOf(pod),
        memory: log.of(pod.uid),
        nowMs,
      };
      const resize = planResize(input, resizePolicy);
      if (resize) planned.push(resize);
    }
    for (const pod of observation.released) {
      const resize = planRelease(pod, this.#options.view.allocationOf(pod), this.#verdictOf(pod));
      if (resize === "done") sinks.released(pod);
      else if (resize) planned.push(resize);
    }
    return planned;
  }

  #outcomes({ managed }: Observation, admission: Admission): PodOutcome[] {
    const sent = new Map(admission.resizes.map((resize) => [resize.pod.uid, resize]));
    return managed.map((one) => ({
      managed: one,
      verdict: this.#verdictOf(one.pod),
      resize: sent.get(one.pod.uid) ?? null,
      waiting: admission.waiting.has(one.pod.uid),
    }));
  }

  #verdictOf(pod: PodState): Verdict {
    return verdict(pod, this.#options.log.of(pod.uid).patchedGeneration);
  }
}

/** After a pause nobody earns or owes for the time nobody looked. */
const longestRoundSeconds = 3;

function mayResize(managed: ManagedPod): boolean {
  return isBidder(managed) && managed.mode !== "recommend";
}

/** Small differences count where capacity is divided, and where an owner has set a bound. */
const boundAtOnce: ReadonlySet<Binding> = new Set(["Capacity", "Floor", "MaxCpu"] as const);

function wantedOf(pod: PodState, decision: NodeDecision): Map<string, Wanted> {
  return new Map(
    decision.targets
      .filter(({ podUid }) => podUid === pod.uid)
      .map((target) => [target.container, { ...target, scarce: boundAtOnce.has(target.binding) }]),
  );
}
