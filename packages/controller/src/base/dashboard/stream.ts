import type { DecisionEvent, SummaryDelta } from "@walras/api";
import { type Clock, type Timer, TokenBucket } from "@walras/kit";

import type { Entry, History } from "../history/history.ts";
import type { StreamConnection } from "../history/stream.ts";
import { dashboardLimits as limits } from "./limits.ts";
import type { Summaries } from "./summaries.ts";

interface EventsOptions {
  readonly summaries: Summaries;
  readonly history: History;
  readonly clock: Clock;
}

/**
 * Streams of server-sent events: the whole summary first and then its deltas,
 * and each decision as it is made. A text is made once for all of them; who
 * does not read is dropped, so that no one holds what others are told.
 */
export class Events {
  readonly #options: EventsOptions;
  readonly #streams = new Set<StreamConnection>();
  readonly #rate: TokenBucket;
  #leftOut = 0;
  #stops: (() => void)[] = [];
  #heartbeat: Timer | undefined;

  constructor(options: EventsOptions) {
    this.#options = options;
    this.#rate = new TokenBucket(limits.decisionsPerSecond, limits.decisionsBurst, options.clock);
  }

  /** Streams that are open. */
  get size(): number {
    return this.#streams.size;
  }

  get full(): boolean {
    return this.#streams.size >= limits.streams;
  }

  /** Goes on until the connection closes. */
  async open(connection: StreamConnection): Promise<void> {
    let isOpen = true;
    connection.once("close", () => {
      isOpen = false;
      this.#close(connection);
    });
    const { history, summaries } = this.#options;
    const past = await history.query({ limit: limits.pastDecisions });
    if (!isOpen) return;
    // From here on nothing waits: the deltas that follow are those of this whole.
    send(connection, eventText("summary", summaries.whole()));
    for (const entry of past) send(connection, eventText("decision", decisionEvent(entry, 0)));
    this.#streams.add(connection);
    if (this.#streams.size === 1) this.#begin();
  }

  #begin(): void {
    const { summaries, history } = this.#options;
    this.#stops = [
      summaries.follow((delta: SummaryDelta) => this.#tell(eventText("summary", delta))),
      history.follow((entry) => this.#decided(entry)),
    ];
    this.#beat();
  }

  #close(connection: StreamConnection): void {
    if (!this.#streams.delete(connection) || this.#streams.size > 0) return;
    this.#heartbeat?.cancel();
    for (const stop of this.#stops.splice(0)) stop();
  }

  #decided(entry: Entry): void {
    if (!this.#rate.tryTake()) {
      this.#leftOut += 1;
      return;
    }
    this.#tell(eventText("decision", decisionEvent(entry, this.#leftOut)));
    this.#leftOut = 0;
  }

  #beat(): void {
    this.#heartbeat = this.#options.clock.after(limits.heartbeatMs, () => {
      this.#tell(": still here\n\n");
      this.#beat();
    });
  }

  #tell(text: string): void {
    for (const connection of this.#streams) send(connection, text);
  }
}

function send(connection: StreamConnection, text: string): void {
  if (connection.writableLength > limits.unreadBytes) connection.destroy();
  else connection.write(text);
}

function eventText(name: "summary" | "decision", data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

function decisionEvent({ id, at, part, object, verdict, reason }: Entry, leftOut: number): DecisionEvent {
  const { kind, namespace, name } = object;
  return { id, atMs: at, part, kind, namespace, name, verdict, reason: reason.slice(0, limits.reasonChars), leftOut };
}
