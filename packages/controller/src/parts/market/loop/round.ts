import type { Clock } from "@walras/kit";

import type { NodeRoom } from "../../../base/access/room.ts";
import type { PodState } from "../../../base/cluster/pod.ts";
import { decide } from "../decide/decide.ts";
import { decidePart } from "../decide/part.ts";
import type { MarketPolicy } from "../decide/policy.ts";
import { rationOf } from "../explain/ration.ts";
import type { PodOutcome, RoundResult } from "../explain/result.ts";
import type { Demand, NodeDecision, PodBidder } from "../decide/snapshot.ts";
import { admit, type Admission } from "../act/admit.ts";
import type { ResizePolicy } from "../act/plan.ts";
import type { QuotaRoom } from "../act/quotaRoom.ts";
import type { PodResize } from "../act/resize.ts";
import { planRound, type RoundPlan } from "../act/roundPlan.ts";
import { urgentOf } from "../act/urgent.ts";
import type { Verdict } from "../act/verdict.ts";
import type { Observation } from "../observe/node.ts";
import { Sighting, type SightingOptions } from "./sighting.ts";
import { longestSettledMs, type Movement, type SettledNodes } from "./settled.ts";
import { besideOf, joined, nobody, type Standing, standingOutcomes } from "./standing.ts";
import type { StepTimer } from "./steps.ts";

/** Where a round's consequences go. */
export interface RoundSinks {
  resize(resize: PodResize, scarce: boolean): void;
  /** Whether more resizes are under way than can be carried out in time. */
  isBehind(): boolean;
  /** A released pod has what it declared: nothing is left to do for it. */
  released(pod: PodState): void;
  /** A pod has run to its end: nothing is left to do for it either. */
  ended(pod: PodState): void;
  explain(result: RoundResult): void;
  /** Nothing has moved, so that the last round's word holds. */
  unchanged(): void;
}

export interface RoundOptions extends SightingOptions {
  readonly room: NodeRoom;
  readonly quotas: QuotaRoom;
  readonly settled: SettledNodes;
  readonly policy: MarketPolicy;
  readonly resizePolicy: ResizePolicy;
  readonly sinks: RoundSinks;
  readonly timer: StepTimer;
  readonly clock: Clock;
}

/** What a round has made of a node, and who bid in it. */
interface Moved {
  readonly result: RoundResult;
  readonly bidders: readonly PodBidder[];
}

/** Pods of a node that were decided. */
interface Decided {
  readonly observation: Observation;
  readonly decision: NodeDecision;
  readonly standing: Standing;
}

/** One node, one round: hear → observe → decide → plan → validate → explain → act; only the first where nothing has moved. */
export class NodeRound {
  readonly #options: RoundOptions;
  readonly #sighting: Sighting;
  readonly #lastMs = new Map<string, number>();

  constructor(options: RoundOptions) {
    this.#options = options;
    this.#sighting = new Sighting(options);
  }

  run(node: string): RoundResult {
    const { timer, clock, sinks, settled } = this.#options;
    const nowMs = clock.monotonicMs();
    const movement = timer.step("hear", () => this.#hear(node, nowMs));
    if (movement?.moved.size === 0) {
      sinks.unchanged();
      return movement.result;
    }
    const part = movement && this.#part(movement, nowMs);
    const { result, bidders } = part ?? this.#whole(node, movement, nowMs);
    settled.note(node, result, { bidders, moved: movement?.moved ?? null }, nowMs);
    return result;
  }

  /** Only those who have moved. @returns null where the others have to be decided as well */
  #part({ result: before, moved }: Movement, nowMs: number): Moved | null {
    const { timer, policy } = this.#options;
    if (before.decision.requestPrice > 0) return null;
    const observation = timer.step("observe", () => this.#sighting.part(before.observation, moved, nowMs));
    if (!observation) return null;
    const snapshot = { ...observation.snapshot, beside: besideOf(before, moved) };
    const decision = timer.step("decide", () => decidePart(snapshot, policy, nowMs));
    if (!decision) return null;
    const join = (outcomes: readonly PodOutcome[]): RoundResult => joined(before, { observation, decision, outcomes });
    const result = this.#carryOut({ observation, decision, standing: nobody }, join, nowMs);
    return { result, bidders: observation.snapshot.pods };
  }

  /** @param movement null: nothing of the last round holds */
  #whole(node: string, movement: Movement | null, nowMs: number): Moved {
    const { timer } = this.#options;
    const observation = timer.step("observe", () => this.#sighting.whole(node, nowMs));
    const decision = timer.step("decide", () => this.#decide(observation, nowMs));
    const standing = standingOutcomes(movement, decision);
    const { pods: bidders, ...snapshot } = observation.snapshot;
    const seen = { ...observation, snapshot };
    const all = (outcomes: readonly PodOutcome[]): RoundResult => {
      const fresh = outcomes.filter((one) => standing.get(one.managed.pod.uid) !== one);
      return { decision, observation: seen, outcomes, fresh };
    };
    return { result: this.#carryOut({ observation, decision, standing }, all, nowMs), bidders };
  }

  #carryOut(decided: Decided, resultOf: (outcomes: readonly PodOutcome[]) => RoundResult, nowMs: number): RoundResult {
    const { timer, sinks, room } = this.#options;
    const { observation, decision } = decided;
    const plan = timer.step("plan", () => this.#plan(decided, nowMs));
    const admission = timer.step("validate", () => {
      const resizes = sinks.isBehind() ? urgentOf(plan.resizes, decision) : plan.resizes;
      return admit(resizes, observation.freeMilli, room.held(decision.node));
    });
    const result = resultOf(this.#outcomes(decided, plan, admission));
    // Written down before it is done: a pod's first resize waits for the record of what it declared.
    timer.step("explain", () => sinks.explain(result));
    timer.step("act", () => {
      const scarce = decision.mode !== "uncongested" || admission.waiting.size > 0;
      for (const resize of admission.resizes) sinks.resize(resize, scarce);
    });
    return result;
  }

  forget(node: string): void {
    this.#options.uses.forget(node);
    this.#options.settled.wake(node);
    this.#lastMs.delete(node);
  }

  /** @returns what has moved by what the agent has said; null: all of the node is to be decided anew */
  #hear(node: string, nowMs: number): Movement | null {
    const { ledger, book, settled } = this.#options;
    const demandOf = (containerId: string): Demand | undefined => book.now(containerId);
    return settled.movement(node, { reading: ledger.node(node), demandOf, nowMs });
  }

  #decide({ snapshot }: Observation, nowMs: number): NodeDecision {
    const { policy, book, uses } = this.#options;
    const lastMs = this.#lastMs.get(snapshot.node) ?? nowMs;
    this.#lastMs.set(snapshot.node, nowMs);
    const elapsedSeconds = Math.min(longestRoundSeconds, (nowMs - lastMs) / 1000);
    const decision = decide(snapshot, policy, { nowMs, elapsedSeconds });
    book.settle(decision);
    uses.settle(decision);
    return decision;
  }

  #plan({ observation, decision, standing }: Decided, nowMs: number): RoundPlan {
    const { view, log, quotas, resizePolicy, sinks } = this.#options;
    const plan = planRound(observation, decision, {
      bounds: view,
      log,
      quotas,
      verdictOf: (pod) => this.#verdictOf(pod),
      isDecided: (uid) => standing.has(uid),
      policy: resizePolicy,
      nowMs,
    });
    for (const pod of plan.done) sinks.released(pod);
    for (const pod of observation.ended) sinks.ended(pod);
    return plan;
  }

  #outcomes(decided: Decided, plan: RoundPlan, admission: Admission): PodOutcome[] {
    const sent = new Map(admission.resizes.map((resize) => [resize.pod.uid, resize]));
    return decided.observation.managed.map(
      (one) =>
        decided.standing.get(one.pod.uid) ?? {
          managed: one,
          verdict: this.#verdictOf(one.pod),
          resize: sent.get(one.pod.uid) ?? null,
          waiting: admission.waiting.has(one.pod.uid),
          bound: plan.bounds.get(one.pod.uid) ?? null,
          ration: rationOf(one.pod.uid, decided),
        },
    );
  }

  #verdictOf(pod: PodState): Verdict {
    return this.#options.verdicts.of(pod);
  }
}

/** After a longer pause nobody earns or owes for the time nobody looked. */
const longestRoundSeconds = longestSettledMs / 1000 + 1;
