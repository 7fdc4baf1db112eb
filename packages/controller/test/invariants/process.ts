import { type Clock, Lifecycle, type Rng, silentLogger, type Timer } from "@walras/kit";
import { KubeError, type KubeLines, type KubeRequest, type KubeTransport } from "@walras/kube";

import type { AgentHost } from "../../src/base/telemetry/agents/call.ts";
import { readConfig } from "../../src/config.ts";
import { wire } from "../../src/wire.ts";

/** What sees every write of a controller: when it leaves, and when its answer is there. */
export interface WriteWatch {
  /** @returns what is to be told of its end; the status is the API server's, 200 where it took it */
  sent(writer: string, request: KubeRequest): (status: number) => void;
}

export interface ProcessOptions {
  readonly identity: string;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly transport: KubeTransport;
  readonly watch: WriteWatch;
  readonly flags: readonly string[];
}

/** Sockets have no place on a clock that is moved by hand. */
const sockets = new Set(["ops server", "agent server"]);
/** After so long a client gives a call up that nobody answers. */
const callTimeoutMs = 10_000;

/**
 * A whole controller as one process among others: it can be killed, stopped and
 * continued as by signals, cut off from the API server, and have its answers lost.
 */
export class ControllerProcess {
  readonly identity: string;
  readonly clock: Clock;
  /** Share of writes that are done and not answered. */
  lossOfAnswers = 0;
  cutOff = false;
  readonly #options: ProcessOptions;
  readonly #held: (() => void)[] = [];
  #dead = false;
  #stopped = false;
  #lifecycle: Lifecycle | undefined;
  #host: AgentHost | undefined;

  constructor(options: ProcessOptions) {
    const { clock } = options;
    this.identity = options.identity;
    this.#options = options;
    this.clock = {
      wallMs: () => clock.wallMs(),
      monotonicMs: () => clock.monotonicMs(),
      after: (delayMs, run) => this.#after(clock, delayMs, run),
    };
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** Where agents find it. */
  get host(): AgentHost | undefined {
    return this.#dead ? undefined : this.#host;
  }

  /** What it waits for comes with the clock. */
  async start(): Promise<void> {
    const { identity, flags, rng } = this.#options;
    const fixed = ["--mode=full", "--agent-auth=none", "--agent-address=127.0.0.1:0", `--identity=${identity}`];
    const controller = await wire(readConfig([...fixed, ...flags], {}), {
      clock: this.clock,
      rng,
      logger: silentLogger,
      transport: this.#transport(),
      onLost: () => this.kill(),
    });
    this.#host = controller.agents;
    this.#lifecycle = new Lifecycle(
      controller.runnables.filter(({ name }) => !sockets.has(name)),
      silentLogger,
    );
    await this.#lifecycle.start();
  }

  /** As by kill -9: nothing of it happens any more but what is on its way. */
  kill(): void {
    this.#dead = true;
    this.#held.length = 0;
  }

  /** As a rollout ends it: it has time to give its lease up. */
  async end(): Promise<void> {
    await this.#awake();
    await this.#lifecycle?.stop();
    this.kill();
  }

  /** As by SIGSTOP: time passes and it does not know. */
  pause(): void {
    this.#stopped = true;
  }

  /** As by SIGCONT: all that was due is done at once. */
  resume(): void {
    this.#stopped = false;
    for (const run of this.#held.splice(0)) run();
  }

  #after(clock: Clock, delayMs: number, run: () => void): Timer {
    let cancelled = false;
    const timer = clock.after(delayMs, () =>
      this.#whenAwake(() => {
        if (!cancelled) run();
      }),
    );
    return {
      cancel: () => {
        cancelled = true;
        timer.cancel();
      },
    };
  }

  #whenAwake(run: () => void): void {
    if (this.#dead) return;
    if (this.#stopped) this.#held.push(run);
    else run();
  }

  /** Never where it is dead. */
  #awake(): Promise<void> {
    return new Promise((resolve) => this.#whenAwake(resolve));
  }

  #transport(): KubeTransport {
    return { send: (request) => this.#send(request), stream: (request) => this.#stream(request) };
  }

  async #send(request: KubeRequest): Promise<unknown> {
    await this.#reachable();
    const answered = request.method === "GET" ? undefined : this.#options.watch.sent(this.identity, request);
    let answer: unknown;
    try {
      answer = await this.#options.transport.send(request);
      answered?.(200);
    } catch (error) {
      answered?.(error instanceof KubeError ? error.status : 0);
      await this.#awake();
      throw error;
    }
    await this.#awake();
    const isLost = request.method !== "GET" && this.#options.rng() < this.lossOfAnswers;
    if (isLost) throw new KubeError("the answer is lost", { status: 0, reason: "NoAnswer" });
    await this.#reachable();
    return answer;
  }

  async #stream(request: KubeRequest): Promise<KubeLines> {
    await this.#reachable();
    const lines = await this.#options.transport.stream(request);
    await this.#awake();
    return this.#whileAwake(lines);
  }

  async *#whileAwake(lines: KubeLines): AsyncGenerator<string, void> {
    for await (const line of lines) {
      await this.#awake();
      if (this.cutOff) throw unreachable();
      yield line;
    }
  }

  async #reachable(): Promise<void> {
    if (this.#dead) await this.#awake();
    if (!this.cutOff) return;
    await new Promise<void>((resolve) => this.clock.after(callTimeoutMs, resolve));
    throw unreachable();
  }
}

function unreachable(): KubeError {
  return new KubeError("connect ETIMEDOUT", { status: 0, reason: "NoAnswer" });
}
