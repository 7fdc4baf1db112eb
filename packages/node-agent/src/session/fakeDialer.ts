import type { AgentMessage, ControllerMessage } from "@walras/proto";

import type { ControllerStream, Dialer, StreamEvents } from "./stream.ts";

/** A stream whose other end is the test. */
export class FakeStream implements ControllerStream {
  readonly events: StreamEvents;
  readonly sent: AgentMessage[] = [];
  /** Whether the transport takes messages at once, or when `drain` is called. */
  clogged = false;
  open = true;
  #written: (() => void) | null = null;

  constructor(events: StreamEvents) {
    this.events = events;
  }

  send(message: AgentMessage, written: () => void): void {
    if (this.#written) throw new Error("a message was sent before the one before it was written");
    this.sent.push(message);
    if (this.clogged) this.#written = written;
    else written();
  }

  drain(): void {
    this.clogged = false;
    const written = this.#written;
    this.#written = null;
    written?.();
  }

  say(epoch: number, message: NonNullable<ControllerMessage["message"]>): void {
    this.events.message({ epoch, message });
  }

  /** The other end closes the stream. */
  break(reason: string): void {
    this.open = false;
    this.events.closed(reason);
  }

  close(): void {
    this.open = false;
  }
}

/** Hands every stream it opens to the test. */
export class FakeDialer implements Dialer {
  readonly streams: FakeStream[] = [];
  /** Thrown at the next dials, as a token that cannot be read is. */
  refusal: Error | null = null;

  dial(events: StreamEvents): ControllerStream {
    if (this.refusal) throw this.refusal;
    const stream = new FakeStream(events);
    this.streams.push(stream);
    return stream;
  }

  close(): void {
    for (const stream of this.streams) stream.close();
  }
}
