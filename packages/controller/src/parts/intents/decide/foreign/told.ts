import type { Action, PodState } from "../snapshot.ts";

/** A state in the words in which actuators in other processes speak of it. */
export interface ToldState {
  /** By the key of the profile: what a KPI comes to. */
  readonly objectives: ReadonlyMap<string, number>;
  readonly pods: readonly PodState[];
  /** As of an IntentSnapshot, and so are those below. */
  readonly resources: ReadonlyMap<string, number>;
  readonly annotations: ReadonlyMap<string, string>;
  readonly data: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/** A state that a foreign actuator has told of. */
export interface HeardState extends ToldState {
  /** The same for states that are the same. */
  readonly key: string;
}

/** One action of a foreign actuator, with what it would lead to. */
export interface ForeignProposal {
  readonly action: Action;
  /** What the actuator says it costs; not negative, and not comparable between actuators. */
  readonly utility: number;
  readonly state: HeardState;
}

/** What is to be asked: what one actuator proposes in one state. */
export interface ForeignQuestion {
  /** Name of the intent. */
  readonly intent: string;
  readonly actuator: string;
  /** Of the state, among those of the intent. */
  readonly key: string;
  readonly state: ToldState;
}

/** What foreign actuators have said. */
export interface ForeignTable {
  /** Of the actuators, in the order in which they are asked. */
  readonly names: readonly string[];
  /** undefined: it was not asked. */
  find(question: Pick<ForeignQuestion, "intent" | "actuator" | "key">): readonly ForeignProposal[] | undefined;
}

/** Answers out of a table; what is asked and not in it is noted. */
export class ForeignAnswers {
  readonly #table: ForeignTable;
  readonly #wanted = new Map<string, ForeignQuestion>();

  constructor(table: ForeignTable) {
    this.#table = table;
  }

  get names(): readonly string[] {
    return this.#table.names;
  }

  /** What was asked in vain, each once, in the order of asking. */
  get wanted(): readonly ForeignQuestion[] {
    return [...this.#wanted.values()];
  }

  /** @param told what to tell of the state, made when nobody has been asked about it */
  ask(question: Omit<ForeignQuestion, "state">, told: () => ToldState): readonly ForeignProposal[] {
    const known = this.#table.find(question);
    if (known !== undefined) return known;
    const id = `${question.actuator} ${question.intent} ${question.key}`;
    if (!this.#wanted.has(id)) this.#wanted.set(id, { ...question, state: told() });
    return [];
  }
}
