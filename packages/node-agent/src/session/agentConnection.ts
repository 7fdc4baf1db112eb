import { Backoff, type Clock, describeError, type Logger, type Rng, type Runnable, type Timer } from "@walras/kit";
import type { ControllerMessage, Hello } from "@walras/proto";

import type { GpuSource } from "../sample/gpuSampler.ts";
import type { NodeReading, Sampler } from "../sample/sampler.ts";
import { AgentSession } from "./agentSession.ts";
import { follow, isDeposed, noOrders, type Orders } from "./orders.ts";
import type { Dialer } from "./stream.ts";
import { Ticker } from "./ticker.ts";

export interface AgentConnectionOptions {
  readonly dialer: Dialer;
  readonly sampler: Sampler;
  readonly hello: Hello;
  /** Not given: nothing is told of GPUs. */
  readonly gpus?: GpuSource | null;
  /** Until the controller says otherwise, in milliseconds. */
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
}

/** While a leader is missing every controller refuses; of two each second try finds the next one, and until then nothing is known of the node. */
const backoffBounds = { firstMs: 200, maxMs: 3_000 };
/** A stream that lived so long was no accident. */
const healthyAfterMs = 5_000;
/** After so many failures in a row the addresses known may be the wrong ones. */
const afreshEvery = 4;

/**
 * Samples the node each interval and reports to whichever controller leads,
 * one stream at a time, again and again.
 */
export class AgentConnection implements Runnable {
  readonly name = "agent connection";
  readonly #options: AgentConnectionOptions;
  readonly #backoff: Backoff;
  readonly #ticker: Ticker;
  #orders: Orders = noOrders;
  #session: AgentSession | null = null;
  #redial: Timer | null = null;
  #failures = 0;
  #stopped = false;

  constructor(options: AgentConnectionOptions) {
    this.#options = options;
    this.#backoff = new Backoff(backoffBounds, options.rng);
    this.#ticker = new Ticker(options.clock, options.intervalMs, () => this.#tick());
  }

  start(): void {
    this.#tick();
    this.#ticker.start();
    this.#connect();
  }

  stop(): void {
    this.#stopped = true;
    this.#ticker.stop();
    this.#redial?.cancel();
    this.#session?.close("the agent stops");
    this.#options.dialer.close();
  }

  #tick(): void {
    const reading = this.#sample();
    if (reading) this.#session?.offer(reading);
  }

  #sample(): NodeReading | null {
    try {
      return this.#options.sampler.sample(this.#orders.wanted);
    } catch (error) {
      this.#options.logger.error({ error: describeError(error) }, "node cannot be sampled");
      return null;
    }
  }

  #connect(): void {
    const { dialer, hello, clock, gpus = null } = this.#options;
    const afresh = this.#failures > 0 && this.#failures % afreshEvery === 0;
    const events = {
      message: (message: ControllerMessage) => this.#heed(message),
      closed: (reason: string, healthyMs: number) => this.#lost(reason, healthyMs),
    };
    try {
      this.#session = new AgentSession((stream) => dialer.dial(stream, afresh), hello, { clock, events, gpus });
    } catch (error) {
      this.#lost(describeError(error), 0);
    }
  }

  #heed(message: ControllerMessage): boolean {
    if (isDeposed(this.#orders, message)) return false;
    this.#orders = follow(this.#orders, message);
    this.#ticker.setInterval(this.#orders.intervalMs ?? this.#options.intervalMs);
    return true;
  }

  #lost(reason: string, healthyMs: number): void {
    this.#session = null;
    if (this.#stopped) return;
    const healthy = healthyMs >= healthyAfterMs;
    if (healthy) this.#backoff.reset();
    this.#failures = healthy ? 0 : this.#failures + 1;
    const delayMs = this.#backoff.nextMs();
    this.#options.logger.warn({ reason, retryMs: Math.round(delayMs) }, "no stream to a controller");
    this.#redial = this.#options.clock.after(delayMs, () => this.#connect());
  }
}
