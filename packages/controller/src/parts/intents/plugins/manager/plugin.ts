import { connectivityState } from "@grpc/grpc-js";
import { type Clock, describeError, type Rng } from "@walras/kit";
import {
  ActuatorPluginClient,
  type EffectRequest,
  type Empty,
  type NextStateRequest,
  type NextStateResponse,
  type PerformRequest,
} from "@walras/proto/plugins";

import type { PluginSecurity } from "../security.ts";
import { pluginLimits as limits } from "../limits.ts";
import { answerOf, type Within } from "../wire/unary.ts";
import { Containment } from "./containment.ts";
import { LockStep } from "./lockStep.ts";
import type { PluginCall, PluginCallObserver } from "./ports.ts";
import { Turns } from "./turns.ts";
import type { Registration } from "./registration.ts";

export interface PluginSurroundings {
  readonly security: PluginSecurity;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly observer: PluginCallObserver;
}

/**
 * No keepalive of HTTP/2: Go's servers end a connection that is pinged more
 * often than each 5 minutes. No proxy: a plugin is in the cluster.
 */
const channelOptions = {
  "grpc.max_receive_message_length": limits.messageBytes,
  "grpc.max_send_message_length": limits.messageBytes,
  "grpc.initial_reconnect_backoff_ms": limits.firstReconnectMs,
  "grpc.min_reconnect_backoff_ms": limits.firstReconnectMs,
  "grpc.max_reconnect_backoff_ms": limits.mostReconnectMs,
  "grpc.enable_http_proxy": 0,
  "grpc.use_local_subchannel_pool": 1,
  "grpc.service_config_disable_resolution": 1,
  "grpc.dns_min_time_between_resolutions_ms": limits.mostReconnectMs,
};

/** The connection to one plugin. Whoever fails is left alone for a while; nothing of it throws anywhere else. */
export class Plugin {
  readonly name: string;
  readonly endpoint: string;
  readonly #around: PluginSurroundings;
  readonly #client: ActuatorPluginClient;
  readonly #states: LockStep<NextStateRequest, NextStateResponse>;
  readonly #turns = new Turns();
  readonly #containment: Containment;
  /** Its last failure was that of its connection. */
  #wasLost = false;
  #isClosed = false;

  constructor({ name, endpoint }: Registration, around: PluginSurroundings) {
    const { security, clock, rng } = around;
    this.name = name;
    this.endpoint = endpoint;
    this.#around = around;
    this.#client = new ActuatorPluginClient(`dns:${endpoint}`, security.channelCredentials(), channelOptions);
    const open = (): ReturnType<ActuatorPluginClient["nextState"]> => this.#client.nextState(security.metadata());
    this.#states = new LockStep({ open, answerMs: limits.nextStateMs, clock });
    this.#containment = new Containment(clock, rng);
  }

  /** The connection stands. One that is idle is connected again. */
  isReady(): boolean {
    // Asking for the state of a channel that is closed could connect it again.
    return !this.#isClosed && this.#client.getChannel().getConnectivityState(true) === connectivityState.READY;
  }

  /** It is connected, and its last answer was one. */
  isLive(): boolean {
    return this.isReady() && this.#containment.reason === null;
  }

  /** Why its last call failed; null: it did not. */
  get trouble(): string | null {
    return this.#containment.reason;
  }

  /** Resolves when it is connected. @throws Error where that takes too long */
  dial(): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = this.#around.clock.after(limits.dialMs, () =>
        reject(new Error(`${this.endpoint} cannot be reached within ${limits.dialMs} ms`)),
      );
      this.#client.waitForReady(Infinity, (error) => {
        late.cancel();
        if (error) reject(error);
        else resolve();
      });
    });
  }

  /**
   * @param read makes something of the answer, or throws, which counts as a failure of the plugin
   * @throws Error where there is no answer, or none that can be read
   */
  nextState<Answer>(
    request: NextStateRequest,
    read: (response: NextStateResponse) => Answer,
    signal: AbortSignal,
  ): Promise<Answer> {
    const ask = async (): Promise<Answer> => read(await this.#states.ask(request));
    // Whoever is late is late also where nobody waits any more.
    return this.#turns.take(() => this.#contained("NextState", ask), signal);
  }

  /** @throws Error where it fails, or does not end in time */
  async perform(request: PerformRequest, signal: AbortSignal): Promise<void> {
    const perform = (): Promise<Empty> =>
      answerOf<Empty>(this.#within(limits.performMs, signal), (reply) =>
        this.#client.perform(request, this.#around.security.metadata(), reply),
      );
    await this.#contained("Perform", perform, signal);
  }

  /** @throws Error where it fails, or does not end in time */
  async effect(request: EffectRequest, signal: AbortSignal): Promise<void> {
    const effect = (): Promise<Empty> =>
      answerOf<Empty>(this.#within(limits.effectMs, signal), (reply) =>
        this.#client.effect(request, this.#around.security.metadata(), reply),
      );
    await this.#contained("Effect", effect, signal);
  }

  close(): void {
    this.#isClosed = true;
    this.#states.close();
    this.#client.close();
  }

  /** @param givenUp where it aborts, the plugin has not failed */
  async #contained<Answer>(call: PluginCall, run: () => Promise<Answer>, givenUp?: AbortSignal): Promise<Answer> {
    const { clock, observer } = this.#around;
    const refusal = this.#wasLost && this.isReady() ? null : this.#containment.refusal();
    if (refusal !== null) throw new Error(`plugin ${this.name} ${refusal}`);
    const startedMs = clock.monotonicMs();
    try {
      const answer = await run();
      this.#containment.succeeded();
      observer.called(this.name, call, clock.monotonicMs() - startedMs);
      return answer;
    } catch (cause) {
      if (givenUp?.aborted !== true) {
        this.#containment.failed(describeError(cause));
        this.#wasLost = !this.isReady();
        observer.failed(this.name, call, describeError(cause));
      }
      throw new Error(`plugin ${this.name}: ${call} failed`, { cause });
    }
  }

  #within(ms: number, signal: AbortSignal): Within {
    return { ms, clock: this.#around.clock, signal };
  }
}
