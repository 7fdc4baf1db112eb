import { type Clock, type Timer, TokenBucket } from "@walras/kit";
import type { AgentMessage, ControllerMessage, Hello, PodRef, Report } from "@walras/proto";

import { clip } from "../../bounds/clip.ts";
import { agentLimits as limits } from "../../bounds/agentLimits.ts";

/** What a session needs of its stream. */
export interface AgentStream {
  send(message: ControllerMessage): void;
  /** Ends the stream, telling the agent why. */
  close(reason: string): void;
}

/** What a session needs of the controller. */
export interface SessionHost {
  readonly clock: Clock;
  readonly epoch: () => number;
  readonly settings: () => { intervalMillis: number; allocatableMilli: number };
  readonly podsOf: () => PodRef[];
  /** A report has come; answers whether the agent must send everything again. */
  readonly onReport: (report: Report) => { resync: boolean; reason: string };
}

/** An agent that says nothing for so long is gone, whatever its connection says. */
const silenceMs = 15_000;
/** Pods that start together are told together. */
const podSetDelayMs = 50;

/** One agent's stream after its Hello: pod sets and settings out, reports in. */
export class AgentSession {
  readonly node: string;
  readonly hello: Hello;
  readonly #stream: AgentStream;
  readonly #host: SessionHost;
  readonly #reports: TokenBucket;
  #resyncedMs = -Infinity;
  #heardMs: number;
  #silence: Timer;
  #podSet: Timer | undefined;
  #open = true;

  constructor(hello: Hello, stream: AgentStream, host: SessionHost) {
    this.node = hello.nodeName;
    this.hello = hello;
    this.#stream = stream;
    this.#host = host;
    const perSecond = (limits.reportsPerInterval * 1000) / host.settings().intervalMillis;
    this.#reports = new TokenBucket(perSecond, limits.reportsBurst, host.clock);
    this.#heardMs = host.clock.monotonicMs();
    this.#silence = this.#watchSilence(silenceMs);
    this.#send({ $case: "settings", value: host.settings() });
    this.#sendPods();
  }

  /** The node's pods or its allocatable have changed. */
  refresh(): void {
    this.#podSet ??= this.#host.clock.after(podSetDelayMs, () => {
      this.#podSet = undefined;
      this.#send({ $case: "settings", value: this.#host.settings() });
      this.#sendPods();
    });
  }

  receive({ message }: AgentMessage): void {
    if (!this.#open) return;
    this.#heardMs = this.#host.clock.monotonicMs();
    if (message?.$case !== "report") return this.close("only reports may follow the Hello");
    if (!this.#reports.tryTake()) return this.close("reports come too fast");
    const { resync, reason } = this.#host.onReport(message.value);
    if (resync) this.#askAgain(reason);
  }

  close(reason: string): void {
    if (!this.#open) return;
    this.ended();
    this.#stream.close(reason);
  }

  /** The stream has ended by itself. */
  ended(): void {
    this.#open = false;
    this.#silence.cancel();
    this.#podSet?.cancel();
  }

  /** Once an interval: what is asked for cannot come sooner. */
  #askAgain(reason: string): void {
    const nowMs = this.#host.clock.monotonicMs();
    if (nowMs - this.#resyncedMs < this.#host.settings().intervalMillis) return;
    this.#resyncedMs = nowMs;
    this.#send({ $case: "resync", value: { reason: clip(reason) } });
  }

  /** Armed again when it fires, and not with each report: thousands of agents report each second. */
  #watchSilence(forMs: number): Timer {
    return this.#host.clock.after(forMs, () => {
      const leftMs = this.#heardMs + silenceMs - this.#host.clock.monotonicMs();
      if (leftMs > 0) this.#silence = this.#watchSilence(leftMs);
      else this.close(`silent for ${silenceMs} ms`);
    });
  }

  #sendPods(): void {
    this.#send({ $case: "podSet", value: { pods: this.#host.podsOf() } });
  }

  #send(message: NonNullable<ControllerMessage["message"]>): void {
    if (this.#open) this.#stream.send({ epoch: this.#host.epoch(), message });
  }
}
