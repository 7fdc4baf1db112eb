import { type Clock, Once } from "@walras/kit";

import type { Decision, ObjectRef, VerdictKind, Verdicts } from "./decision.ts";

/** Where Events go. */
interface EventSink {
  record(event: {
    readonly regarding: ObjectRef;
    readonly type: "Normal" | "Warning";
    readonly reason: string;
    readonly action: string;
    readonly note: string;
  }): void;
}

/** Where decisions are kept. */
interface DecisionSink {
  append(decision: Decision): void;
}

export interface TellerOptions<Table extends Verdicts> {
  readonly part: string;
  /** What Events of this part are said to have been about. */
  readonly action: string;
  readonly verdicts: Table;
  readonly events: EventSink;
  readonly history: DecisionSink;
  readonly clock: Clock;
}

/** A decision, as the part that made it tells it. */
export interface Told<Table extends Verdicts> {
  readonly object: ObjectRef;
  readonly verdict: keyof Table & string;
  readonly reason: string;
  readonly numbers?: Readonly<Record<string, number>>;
}

/** The longest reason that is kept; an Event's note is cut by its recorder. */
const longestReason = 1024;

/** Tells what one part decides: on the object as an Event, and in the history. */
export class Teller<Table extends Verdicts> {
  readonly #options: TellerOptions<Table>;
  readonly #once = new Once();

  constructor(options: TellerOptions<Table>) {
    this.#options = options;
  }

  /** Tells it, whether it was told before or not. */
  tell({ object, verdict, reason: whole, numbers = {} }: Told<Table>): void {
    const { part, action, verdicts, events, history, clock } = this.#options;
    const reason = whole.slice(0, longestReason);
    history.append({ part, object, verdict, reason, numbers, at: clock.wallMs() });
    const { event: type }: VerdictKind = verdicts[verdict] as VerdictKind;
    if (type !== null) events.record({ regarding: object, type, reason: verdict, action, note: reason });
  }

  /**
   * Tells it when it becomes true, and again when it changes or has been over in between.
   *
   * @param matter names what holds or does not, for one object
   * @param told undefined: it does not hold, or no longer
   * @param gist what must differ to be news; the reason where not given
   */
  tellOnce(matter: string, told: Told<Table> | undefined, gist = told?.reason): void {
    if (this.#once.isNews(matter, told && `${told.verdict} ${gist ?? ""}`) && told) this.tell(told);
  }

  over(matter: string): void {
    this.#once.forget(matter);
  }
}

/** Makes what tells the decisions of one part. */
export type MakeTeller = <Table extends Verdicts>(part: string, action: string, verdicts: Table) => Teller<Table>;
