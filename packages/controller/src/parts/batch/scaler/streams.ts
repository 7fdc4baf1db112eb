import type { Clock, Timer } from "@walras/kit";

import { type Failure, failureOf } from "./failure.ts";

/** What is needed of a call that streams answers. */
export interface StreamCall<Message> {
  readonly cancelled: boolean;
  readonly writableNeedDrain: boolean;
  write(message: Message): unknown;
  end(): unknown;
  emit(event: "error", failure: Failure): boolean;
  once(event: "cancelled" | "close", listener: () => void): unknown;
  on(event: "error", listener: (error: unknown) => void): unknown;
}

interface Open {
  timer: Timer | undefined;
  readonly end: () => void;
}

/** The streams that clients hold open: each begins with what is, and is told what changes. */
export class OpenStreams {
  readonly #clock: Clock;
  readonly #open = new Set<Open>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Sends what `read` returns now, and again whenever it differs, looking each `periodMs`; never without it. */
  follow<Message>(call: StreamCall<Message>, read: () => Message, periodMs?: number): void {
    const open: Open = { timer: undefined, end: () => call.end() };
    const finish = (): void => this.#close(open);
    call.once("cancelled", finish);
    call.once("close", finish);
    call.on("error", finish);
    this.#open.add(open);
    let told = "";
    const look = (): void => {
      const message = read();
      const text = JSON.stringify(message);
      // A client that does not read is told the newest when it does.
      if (text !== told && !call.writableNeedDrain) {
        told = text;
        call.write(message);
      }
    };
    this.#repeat(open, () => attempt(call, look), periodMs);
  }

  /** Ends all of them; their clients see a stream that is over, not one that broke. */
  endAll(): void {
    for (const open of this.#open) {
      this.#close(open);
      open.end();
    }
  }

  #repeat(open: Open, run: () => void, periodMs?: number): void {
    run();
    if (periodMs === undefined || !this.#open.has(open)) return;
    open.timer = this.#clock.after(periodMs, () => this.#repeat(open, run, periodMs));
  }

  #close(open: Open): void {
    open.timer?.cancel();
    this.#open.delete(open);
  }
}

function attempt<Message>(call: StreamCall<Message>, look: () => void): void {
  if (call.cancelled) return;
  try {
    look();
  } catch (error) {
    call.emit("error", failureOf(error));
  }
}
