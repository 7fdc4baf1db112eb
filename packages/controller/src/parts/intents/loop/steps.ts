import type { Clock, Logger } from "@walras/kit";

import type { Gate } from "../../../base/access/gate.ts";
import type { IntentDecision } from "../decide/decision.ts";
import type { Effect } from "./effects.ts";
import type { Actor, Execution } from "./execution.ts";
import type {
  BadIntent,
  Decide,
  KnowledgeBase,
  Measured,
  Meter,
  ModelSource,
  Observer,
  SeenIntent,
  Sight,
} from "./ports.ts";
import type { Recalled } from "./histories.ts";

/** What has become of one intent in this round. */
export interface Told {
  readonly seen: SeenIntent;
  readonly decision: IntentDecision;
  /** null: nothing was to be done. */
  readonly execution: Execution | null;
  /** Of the plan before; null: none was waited for, or it is too early. */
  readonly effect: EffectTold | null;
}

export interface EffectTold extends Effect {
  /** What taking it back came to; null: it is left. */
  readonly reverted: Execution | null;
}

/** Tells people. */
export interface Explainer {
  /** The plan is on record before anything of it is done. @throws Error where it could not be written */
  begins(seen: SeenIntent, decision: IntentDecision, nowMs: number): Promise<void>;
  tell(round: TellableRound): void;
}

export interface TellableRound {
  readonly nowMs: number;
  readonly told: readonly Told[];
  readonly bad: readonly BadIntent[];
  readonly measured: Measured;
}

/** What those who led before us have left on record. */
interface Records {
  /** undefined: nothing was ever done for it. */
  recall(seen: SeenIntent): Recalled | undefined;
}

/** Learns from what was recorded. Nothing is thrown. */
export interface Learner {
  step(sight: Pick<Sight, "intents" | "profiles">, signal: AbortSignal): Promise<void>;
}

export interface LoopObserver {
  stepped(step: string, tookMs: number): void;
  decided(decision: IntentDecision): void;
  executed(execution: Execution): void;
  effected(effect: EffectTold): void;
  /** The knowledge base did not take an event. */
  unrecorded(): void;
}

export interface LoopParts {
  readonly observer: Observer;
  readonly meter: Meter;
  readonly models: ModelSource;
  readonly knowledge: Pick<KnowledgeBase, "record">;
  readonly decide: Decide;
  readonly actor: Actor & { keepOnly(intents: ReadonlySet<string>): void };
  /** Takes off what somebody before us has left. */
  readonly janitor: { clean(nowMs: number): Promise<void> };
  readonly explainer: Explainer;
  readonly learner: Learner;
  readonly records: Records;
  readonly gate: Pick<Gate, "mayAct">;
  readonly observed: LoopObserver;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface LoopTimes {
  /** After which what was done has its effect. */
  readonly settleMs: number;
  /** For how long wishes are kept. */
  readonly windowMs: number;
}

/** What is known in the middle of a round. */
export interface Round {
  readonly nowMs: number;
  readonly sight: Sight;
  readonly measured: Measured;
  readonly decisions: readonly IntentDecision[];
  readonly executions: ReadonlyMap<string, Execution>;
  readonly effects: ReadonlyMap<string, EffectTold>;
}
