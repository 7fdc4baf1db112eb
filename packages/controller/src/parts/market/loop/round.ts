import type { Clock } from "@walras/kit";

import { type ClusterView, isManaged } from "../observe/view.ts";
import type { NodeRoom } from "../../../base/access/room.ts";
import type { PodState } from "../../../base/cluster/pod.ts";
import type { Ledger } from "../../../base/telemetry/ledger/ledger.ts";
import type { MarketBook } from "../observe/book.ts";
import type { NodeUses } from "../observe/nodeUse.ts";
import { areSame, targetsOf } from "../decide/byPod.ts";
import { decide } from "../decide/decide.ts";
import type { MarketPolicy } from "../decide/policy.ts";
import { rationOf } from "../explain/ration.ts";
import type { PodOutcome, RoundResult } from "../explain/result.ts";
import type { Demand, NodeDecision, PodBidder } from "../decide/snapshot.ts";
import { admit, type Admission } from "../act/admit.ts";
import type { ResizeLog } from "../act/log.ts";
import type { ResizePolicy } from "../act/plan.ts";
import type { QuotaRoom } from "../act/quotaRoom.ts";
import { lanesDesired, type PodResize } from "../act/resize.ts";
import { planRound, type RoundPlan } from "../act/roundPlan.ts";
import { urgentOf } from "../act/urgent.ts";
import type { Verdict } from "../act/verdict.ts";
import type { Verdicts } from "../act/verdicts.ts";
import type { DeclaredMemory } from "../observe/declared.ts";
import type { MarketSettings } from "../observe/managed.ts";
import { type Observation, observeNode } from "../observe/node.ts";
import type { PodSights } from "../observe/sights.ts";
import { longestSettledMs, type Movement, type SettledNodes } from "./settled.ts";
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

export interface RoundOptions {
  readonly view: ClusterView;
  readonly ledger: Ledger;
  readonly book: MarketBook;
  readonly declared: DeclaredMemory;
  readonly log: ResizeLog;
  readonly verdicts: Verdicts;
  readonly room: NodeRoom;
  readonly quotas: QuotaRoom;
  readonly uses: NodeUses;
  readonly settled: SettledNodes;
  readonly sights: PodSights;
  readonly settings: MarketSettings;
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

/** One node, one round: hear → observe → decide → plan → validate → explain → act; only the first where nothing has moved. */
export class NodeRound {
  readonly #options: RoundOptions;
  readonly #lastMs = new Map<string, number>();

  constructor(options: RoundOptions) {
    this.#options = options;
  }

  run(node: string): RoundResult {
    const { timer, clock, sinks, settled } = this.#options;
    const nowMs = clock.monotonicMs();
    const movement = timer.step("hear", () => this.#hear(node, nowMs));
    if (movement?.moved.size === 0) {
      sinks.unchanged();
      return movement.result;
    }
    const { result, bidders } = this.#moved(node, movement, nowMs);
    settled.note(node, result, { bidders, moved: movement?.moved ?? null }, nowMs);
    return result;
  }

  /** @param movement null: all of the node is decided anew */
  #moved(node: string, movement: Movement | null, nowMs: number): Moved {
    const { timer, sinks } = this.#options;
    const observation = timer.step("observe", () => this.#observe(node, nowMs));
    const decision = timer.step("decide", () => this.#decide(observation, nowMs));
    const standing = standingOutcomes(movement, decision);
    const plan = timer.step("plan", () => this.#plan(observation, decision, { standing, nowMs }));
    const admission = timer.step("validate", () => {
      const resizes = sinks.isBehind() ? urgentOf(plan.resizes, decision) : plan.resizes;
      return admit(resizes, observation.freeMilli, this.#options.room.held(node));
    });
    const outcomes = this.#outcomes({ decision, observation }, plan, { admission, standing });
    const fresh = outcomes.filter((one) => standing.get(one.managed.pod.uid) !== one);
    const { pods: bidders, ...snapshot } = observation.snapshot;
    const result = { decision, observation: { ...observation, snapshot }, outcomes, fresh };
    // Written down before it is done: a pod's first resize waits for the record of what it declared.
    timer.step("explain", () => sinks.explain(result));
    timer.step("act", () => {
      const scarce = decision.mode !== "uncongested" || admission.waiting.size > 0;
      for (const resize of admission.resizes) sinks.resize(resize, scarce);
    });
    return { result, bidders };
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

  #observe(node: string, nowMs: number): Observation {
    const { view, ledger, log, book } = this.#options;
    for (const pod of view.podsOn(node)) {
      for (const { containerId } of pod.containers) book.meet(containerId, nowMs);
      this.#note(pod, nowMs);
    }
    const barred = (uid: string): ReturnType<typeof log.of>["barred"] => log.of(uid).barred;
    const observation = observeNode(node, { ...this.#options, reading: ledger.node(node), nowMs, barred });
    this.#learn(observation);
    return observation;
  }

  #note(pod: PodState, nowMs: number): void {
    const { log, view } = this.#options;
    if (!isManaged(pod, view)) return;
    const stands = this.#verdictOf(pod);
    log.noted(pod.uid, stands, nowMs, stands.kind === "infeasible" ? lanesDesired(pod) : []);
  }

  /** Habits are learnt of those who are on the market, or would be advised. */
  #learn({ managed }: Observation): void {
    const { book } = this.#options;
    for (const { pod, mode, leftAlone } of managed)
      for (const container of pod.containers) {
        const use = book.takeUse(container.containerId);
        if (use && mode !== "off" && !leftAlone) book.habits.note(pod, container, use);
      }
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

  #plan(
    observation: Observation,
    decision: NodeDecision,
    { standing, nowMs }: { readonly standing: Standing; readonly nowMs: number },
  ): RoundPlan {
    const { view, log, quotas, resizePolicy, sinks } = this.#options;
    const verdictOf = (pod: PodState): Verdict => this.#verdictOf(pod);
    const plan = planRound(observation, decision, {
      bounds: view,
      log,
      quotas,
      verdictOf,
      isDecided: (uid) => standing.has(uid),
      policy: resizePolicy,
      nowMs,
    });
    for (const pod of plan.done) sinks.released(pod);
    for (const pod of observation.ended) sinks.ended(pod);
    return plan;
  }

  #outcomes(
    decided: { readonly decision: NodeDecision; readonly observation: Observation },
    plan: RoundPlan,
    { admission, standing }: { readonly admission: Admission; readonly standing: Standing },
  ): PodOutcome[] {
    const sent = new Map(admission.resizes.map((resize) => [resize.pod.uid, resize]));
    return decided.observation.managed.map(
      (one) =>
        standing.get(one.pod.uid) ?? {
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

/** Outcomes of the last round that hold: nothing of the pod has moved, nor what it is to have. */
type Standing = ReadonlyMap<string, PodOutcome>;

function standingOutcomes(movement: Movement | null, decision: NodeDecision): Standing {
  const standing = new Map<string, PodOutcome>();
  if (!movement) return standing;
  const { result, moved } = movement;
  for (const outcome of result.outcomes) {
    const { uid } = outcome.managed.pod;
    const same = (): boolean => areSame(targetsOf(result.decision, uid), targetsOf(decision, uid));
    if (!moved.has(uid) && same()) standing.set(uid, outcome);
  }
  return standing;
}
