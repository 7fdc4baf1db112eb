import { type Clock, describeError, type Logger } from "@walras/kit";
import type { MqttClient } from "mqtt";

import type { AnalyzerConfig } from "../config.ts";
import type { Inbox } from "./inbox.ts";
import { piIdOf } from "./topic.ts";

const reconnectMs = 2000;
/** Larger ones are no camera's pictures, and all of them are in memory at once. */
const mostBytes = 16 * 1024 * 1024;

export interface SubscriptionOptions {
  readonly broker: AnalyzerConfig["broker"];
  readonly inbox: Pick<Inbox, "put">;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Puts what an MQTT broker sends into the inbox; connects again whenever the connection is lost. */
export class Subscription {
  readonly name = "MQTT subscription";
  readonly #options: SubscriptionOptions;
  #client: MqttClient | undefined;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
  }

  /** Returns before it is connected: a broker may come later than its readers. */
  async start(): Promise<void> {
    // A bundle gives a CommonJS module's exports as its default only.
    const { default: mqtt } = await import("mqtt");
    const { host, port, username, password } = this.#options.broker;
    this.#client = mqtt.connect({
      host,
      port,
      protocol: "mqtt",
      reconnectPeriod: reconnectMs,
      reconnectOnConnackError: true,
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
    });
    this.#listen(this.#client);
  }

  async stop(): Promise<void> {
    await this.#client?.endAsync(true);
  }

  #listen(client: MqttClient): void {
    const { broker, logger } = this.#options;
    const where = { broker: `${broker.host}:${broker.port}`, topic: broker.topic };
    client.on("connect", () => {
      client.subscribe(broker.topic, { qos: 1 }, (error) => {
        if (error) logger.error({ ...where, error: describeError(error) }, "subscription refused");
        else logger.info(where, "subscribed");
      });
    });
    client.on("message", (topic, payload) => this.#receive(topic, payload));
    client.on("error", (error) => logger.warn({ ...where, error: describeError(error) }, "broker cannot be reached"));
    client.on("close", () => logger.debug(where, "connection to the broker closed"));
  }

  #receive(topic: string, payload: Buffer): void {
    const { broker, inbox, clock, logger } = this.#options;
    if (payload.length === 0 || payload.length > mostBytes) {
      logger.warn({ topic, bytes: payload.length }, "message is no picture");
      return;
    }
    const bytes = new Uint8Array(new SharedArrayBuffer(payload.length));
    bytes.set(payload);
    inbox.put({ piId: piIdOf(topic, broker.topic), topic, receivedAtMs: clock.wallMs(), bytes });
  }
}
