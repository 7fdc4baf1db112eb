import type { Clock, Timer } from "@walras/kit";
import { KubeError, type KubeLines, type KubeRequest, type KubeTransport } from "@walras/kube";

/** When a controller dies, and how. */
export interface Fate {
  /** It dies with its write of this number, counted from 1; never where it is larger than all of them. */
  readonly atWrite: number;
  /** The write is done either way; only its answer is lost, or the whole controller with it. */
  readonly dies: boolean;
}

/** What is not counted: the Lease and Events, of which nothing depends. */
const passing = /\/(leases|events)(\/|$)/;

/**
 * One controller's life: its clock and its way to the API server. With the
 * write that its fate names it is as if killed by -9: nothing of it reaches
 * the server any more, and its timers never fire.
 */
export class Mortal {
  readonly clock: Clock;
  readonly transport: KubeTransport;
  readonly #fate: Fate;
  readonly #ended = Promise.withResolvers<void>();
  #writes = 0;
  #dead = false;

  constructor(clock: Clock, transport: KubeTransport, fate: Fate) {
    this.#fate = fate;
    this.clock = { ...clock, after: (delayMs, run) => this.#after(clock, delayMs, run) };
    this.transport = {
      send: (request) => this.#send(transport, request),
      stream: (request) => this.#stream(transport, request),
    };
  }

  /** Resolves when it has died. */
  get death(): Promise<void> {
    return this.#ended.promise;
  }

  get writes(): number {
    return this.#writes;
  }

  /** Notes a write, done by whatever way. @returns whether it is the fatal one */
  notes(): boolean {
    this.#writes += 1;
    return this.#writes === this.#fate.atWrite;
  }

  /** After the fatal write. */
  meetsFate(): void {
    if (this.#fate.dies) this.kill();
  }

  kill(): void {
    this.#dead = true;
    this.#ended.resolve();
  }

  #after(clock: Clock, delayMs: number, run: () => void): Timer {
    return clock.after(delayMs, () => {
      if (!this.#dead) run();
    });
  }

  async #send(transport: KubeTransport, request: KubeRequest): Promise<unknown> {
    this.#mustLive();
    const isFatal = request.method !== "GET" && !passing.test(request.path) && this.notes();
    const answer = await transport.send(request);
    if (isFatal) {
      this.meetsFate();
      throw severed();
    }
    this.#mustLive();
    return answer;
  }

  async #stream(transport: KubeTransport, request: KubeRequest): Promise<KubeLines> {
    this.#mustLive();
    return this.#whileAlive(await transport.stream(request));
  }

  async *#whileAlive(lines: KubeLines): AsyncGenerator<string, void> {
    for await (const line of lines) {
      this.#mustLive();
      yield line;
    }
  }

  #mustLive(): void {
    if (this.#dead) throw severed();
  }
}

function severed(): KubeError {
  return new KubeError("the answer is lost", { status: 0, reason: "NoAnswer" });
}
