import type { Clock } from "@walras/kit";

import { NotKnown } from "../../decide/notKnown.ts";
import type { MqttSpec } from "./metadata.ts";
import type { Watched } from "./port.ts";
import { type MqttMessage, type Tally, tallyOf } from "./tally.ts";

/** What a connection tells; it connects and subscribes again by itself. */
export interface MqttEvents {
  /** Connected; the subscription is asked for next. */
  connected(): void;
  /** The broker has granted the subscription. */
  subscribed(): void;
  message(message: MqttMessage): void;
  lost(reason: string): void;
}

/** Connects to a broker and subscribes to a topic until closed. Tells everything by `events`, never throws. */
export type MqttConnector = (spec: MqttSpec, events: MqttEvents) => { close(): void };

/** A connection that is back within it has missed little. */
const graceMs = 30_000;

/** What waits on an MQTT topic, told by the broker as it happens. */
export class MqttDemand implements Watched, MqttEvents {
  readonly #spec: MqttSpec;
  readonly #connect: MqttConnector;
  readonly #clock: Clock;
  readonly #tally: Tally;
  #connection: { close(): void } | undefined;
  #subscribedBefore = false;
  #lostMs: number | null = null;
  #reason = "not connected yet";

  constructor(spec: MqttSpec, connect: MqttConnector, clock: Clock) {
    this.#spec = spec;
    this.#connect = connect;
    this.#clock = clock;
    this.#tally = tallyOf(spec);
  }

  start(): void {
    this.#connection = this.#connect(this.#spec, this);
  }

  stop(): void {
    this.#connection?.close();
  }

  items(): number {
    const nowMs = this.#clock.monotonicMs();
    const gone = this.#lostMs !== null && nowMs - this.#lostMs >= graceMs;
    if (!this.#subscribedBefore || gone) {
      throw new NotKnown(`MQTT broker ${this.#spec.broker}, topic ${this.#spec.topic}: ${this.#reason}`);
    }
    return this.#tally.items(nowMs);
  }

  connected(): void {
    this.#tally.begin(this.#clock.monotonicMs());
  }

  subscribed(): void {
    this.#subscribedBefore = true;
    this.#lostMs = null;
  }

  message(message: MqttMessage): void {
    this.#tally.hear(message, this.#clock.monotonicMs());
  }

  lost(reason: string): void {
    this.#reason = reason;
    this.#lostMs ??= this.#clock.monotonicMs();
  }
}
