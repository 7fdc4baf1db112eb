import type { Controller } from "@walras/controller/wire";
import type { Clock } from "@walras/kit";
import type { ControllerStream, Dialer, StreamEvents } from "@walras/node-agent";
import type { AgentMessage, ControllerMessage } from "@walras/proto";

type AgentHost = NonNullable<Controller["agents"]>;
type Session = ReturnType<AgentHost["open"]>;

/** One way, in milliseconds. */
const networkMs = 1;

/** An agent's way to a controller in the same process, without sockets: messages take a moment on the clock. */
export class DirectDialer implements Dialer {
  readonly #host: AgentHost;
  readonly #clock: Clock;

  constructor(host: AgentHost, clock: Clock) {
    this.#host = host;
    this.#clock = clock;
  }

  dial(events: StreamEvents): ControllerStream {
    return new DirectStream(this.#host, events, this.#clock);
  }

  close(): void {
    // Nothing is held open.
  }
}

class DirectStream implements ControllerStream {
  readonly #host: AgentHost;
  readonly #events: StreamEvents;
  readonly #clock: Clock;
  #session: Session | undefined;
  #open = true;

  constructor(host: AgentHost, events: StreamEvents, clock: Clock) {
    this.#host = host;
    this.#events = events;
    this.#clock = clock;
  }

  send(message: AgentMessage, written: () => void): void {
    this.#clock.after(networkMs, () => {
      if (!this.#open) return;
      written();
      this.#arrived(message);
    });
  }

  close(): void {
    this.#open = false;
    this.#leave();
  }

  /** Who does not lead sends agents on, who then try again. */
  #arrived(message: AgentMessage): void {
    if (this.#session) return this.#session.receive(message);
    if (!this.#host.accepts()) return this.#end("this controller does not lead");
    if (message.message?.$case !== "hello") return;
    this.#session = this.#host.open(message.message.value, {
      send: (answer) => this.#back(answer),
      close: (reason) => {
        this.#leave();
        this.#clock.after(networkMs, () => this.#end(reason));
      },
    });
  }

  #back(answer: ControllerMessage): void {
    this.#clock.after(networkMs, () => {
      if (this.#open) this.#events.message(answer);
    });
  }

  #leave(): void {
    if (!this.#session) return;
    this.#session.ended();
    this.#host.closed(this.#session);
    this.#session = undefined;
  }

  #end(reason: string): void {
    if (!this.#open) return;
    this.#open = false;
    this.#events.closed(reason);
  }
}
