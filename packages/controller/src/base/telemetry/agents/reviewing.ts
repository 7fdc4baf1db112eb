import type { Clock, Timer } from "@walras/kit";

import { type AgentIdentity, AuthenticationError, type Authenticator, type Credentials } from "./authenticator.ts";
import { agentLimits as limits } from "../../bounds/agentLimits.ts";

/**
 * Reviews what a live stream has shown, each time it may have ended: a token
 * that was revoked, or whose pod is gone, speaks for nobody. While no review
 * is to be had the stream lives on for a while: telemetry is needed most then.
 */
export class Reviewing {
  readonly #authenticator: Authenticator;
  readonly #credentials: Credentials;
  readonly #clock: Clock;
  readonly #onRefused: (error: unknown) => void;
  #timer: Timer | undefined;
  #failingSinceMs: number | null = null;
  #stopped = false;

  /** @param onRefused called once, with why */
  constructor(
    authenticator: Authenticator,
    credentials: Credentials,
    clock: Clock,
    onRefused: (error: unknown) => void,
  ) {
    this.#authenticator = authenticator;
    this.#credentials = credentials;
    this.#clock = clock;
    this.#onRefused = onRefused;
  }

  follow({ reviewInMs }: AgentIdentity): void {
    if (reviewInMs === undefined || this.#stopped) return;
    this.#timer = this.#clock.after(reviewInMs, () => void this.#review());
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  async #review(): Promise<void> {
    try {
      const identity = await this.#authenticator.authenticate(this.#credentials);
      this.#failingSinceMs = null;
      this.follow(identity);
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    if (this.#stopped) return;
    const nowMs = this.#clock.monotonicMs();
    this.#failingSinceMs ??= nowMs;
    if (error instanceof AuthenticationError || nowMs - this.#failingSinceMs >= limits.reviewGraceMs) {
      this.stop();
      this.#onRefused(error);
      return;
    }
    this.#timer = this.#clock.after(limits.reviewRetryMs, () => void this.#review());
  }
}
