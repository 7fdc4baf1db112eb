import type { Clock, Timer } from "@walras/kit";
import type { ControllerMessage, Hello } from "@walras/proto";

import type { GpuSource } from "../sample/gpuSampler.ts";
import type { NodeReading } from "../sample/sampler.ts";
import { GpuEncoder } from "./gpuEncoder.ts";
import { ReportEncoder } from "./reportEncoder.ts";
import type { ControllerStream, Dialer } from "./stream.ts";

/** What a session tells of itself. */
export interface SessionEvents {
  /** @returns false where the message is a deposed leader's, whose stream is then closed */
  message(message: ControllerMessage): boolean;
  /** @param healthyMs how long the controller had been answering */
  closed(reason: string, healthyMs: number): void;
}

/** greeting: the Hello is on its way; open: the controller has answered. */
type State = "greeting" | "open" | "closed";

/** A live connection to a controller that says or takes nothing for so long is as good as dead. */
const silenceMs = 15_000;
/** Windows outside of these are a stopped or broken clock; the controller does not believe them. */
const shortestWindowMs = 50;
const longestWindowMs = 60_000;

/** One stream's life: the Hello, the controller's answer, then reports, at most one of them on its way. */
export class AgentSession {
  readonly #clock: Clock;
  readonly #events: SessionEvents;
  readonly #encoder: ReportEncoder;
  readonly #stream: ControllerStream;
  #state: State = "greeting";
  #openedMs = 0;
  #writing = false;
  #waiting: NodeReading | null = null;
  #silence: Timer;

  /** @throws Error as `Dialer.dial` does */
  constructor(
    dial: (events: Parameters<Dialer["dial"]>[0]) => ControllerStream,
    hello: Hello,
    options: { clock: Clock; events: SessionEvents; gpus: GpuSource | null },
  ) {
    this.#clock = options.clock;
    this.#encoder = new ReportEncoder(options.gpus && new GpuEncoder(options.gpus, options.clock));
    this.#events = options.events;
    this.#stream = dial({ message: (message) => this.#receive(message), closed: (reason) => this.#end(reason) });
    this.#silence = this.#expect("no answer to the Hello");
    this.#write({ $case: "hello", value: hello });
  }

  /** Reports a reading, or, while one is on its way, keeps the newest for later. */
  offer(reading: NodeReading): void {
    if (this.#state !== "open" || !isBelievable(reading)) return;
    if (this.#writing) this.#waiting = reading;
    else this.#report(reading);
  }

  close(reason: string): void {
    if (this.#state === "closed") return;
    this.#stream.close();
    this.#end(reason);
  }

  #receive(message: ControllerMessage): void {
    if (this.#state === "closed") return;
    if (!this.#events.message(message)) {
      this.close(`epoch ${message.epoch} is a deposed leader's`);
      return;
    }
    if (message.message?.$case === "resync") this.#encoder.tellAll();
    if (this.#state === "greeting") this.#opened();
  }

  #opened(): void {
    this.#state = "open";
    this.#openedMs = this.#clock.monotonicMs();
    if (!this.#writing) this.#silence.cancel();
  }

  #report(reading: NodeReading): void {
    this.#silence = this.#expect("the controller takes no reports");
    this.#write({ $case: "report", value: this.#encoder.encode(reading) });
  }

  #write(message: Parameters<ControllerStream["send"]>[0]["message"]): void {
    this.#writing = true;
    this.#stream.send({ message }, () => this.#written());
  }

  #written(): void {
    this.#writing = false;
    if (this.#state !== "open") return;
    this.#silence.cancel();
    const reading = this.#waiting;
    this.#waiting = null;
    if (reading) this.#report(reading);
  }

  #expect(complaint: string): Timer {
    return this.#clock.after(silenceMs, () => this.close(`${complaint} for ${silenceMs} ms`));
  }

  #end(reason: string): void {
    if (this.#state === "closed") return;
    const healthyMs = this.#state === "open" ? this.#clock.monotonicMs() - this.#openedMs : 0;
    this.#state = "closed";
    this.#silence.cancel();
    this.#waiting = null;
    this.#events.closed(reason, healthyMs);
  }
}

function isBelievable({ windowMs }: NodeReading): boolean {
  return windowMs >= shortestWindowMs && windowMs <= longestWindowMs;
}
