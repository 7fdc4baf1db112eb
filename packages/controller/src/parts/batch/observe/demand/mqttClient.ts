import { describeError } from "@walras/kit";
import type { IClientOptions, MqttClient } from "mqtt";

import { demandLimits } from "./limits.ts";
import type { MqttSpec } from "./metadata.ts";
import type { MqttConnector, MqttEvents } from "./mqtt.ts";

const reconnectMs = 5000;
const connectMs = 10_000;
/** Answers of a broker from here on are refusals (MQTT 5.0, section 3.9.3). */
const refusal = 0x80;
/** Retain handling (MQTT 5.0, section 3.8.3.1): what is retained is sent at each subscription, or never. */
const sendRetained = 0;
const keepRetained = 2;

/** Connects by MQTT 5; the library is loaded when the first trigger needs it. */
export const connectMqtt: MqttConnector = (spec, events) => {
  let close: (() => void) | undefined;
  let closed = false;
  const open = async (): Promise<void> => {
    // A bundle gives a CommonJS module's exports as its default only.
    const { default: mqtt } = await import("mqtt");
    if (closed) return;
    const client = mqtt.connect(spec.broker, optionsOf(spec));
    close = () => client.end(true);
    boundPackets(client);
    listen(client, spec, events);
  };
  open().catch((error: unknown) => events.lost(describeError(error)));
  return {
    close: () => {
      closed = true;
      close?.();
    },
  };
};

function optionsOf({ username, password }: MqttSpec): IClientOptions {
  return {
    protocolVersion: 5,
    clean: true,
    resubscribe: false,
    reconnectPeriod: reconnectMs,
    reconnectOnConnackError: true,
    properties: { maximumPacketSize: demandLimits.mqttPacketBytes },
    connectTimeout: connectMs,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  };
}

/** A broker is told how long a message may be, and one that does not keep to it is not read on. */
function boundPackets(client: MqttClient): void {
  let unfinishedBytes = 0;
  const follow = ({ stream }: MqttClient): void => {
    unfinishedBytes = 0;
    stream.on("data", (chunk: Uint8Array) => {
      unfinishedBytes += chunk.length;
      if (unfinishedBytes > 2 * demandLimits.mqttPacketBytes) stream.destroy(new Error("a message is too long"));
    });
  };
  client.on("packetreceive", () => (unfinishedBytes = 0));
  // Each connection has a stream of its own; that of the first has begun already.
  follow(client);
  client.on("packetsend", ({ cmd }) => {
    if (cmd === "connect") follow(client);
  });
}

function listen(client: MqttClient, spec: MqttSpec, events: MqttEvents): void {
  let why = "the connection was closed";
  const lost = (reason: string): void => {
    why = reason;
    events.lost(reason);
  };
  client.on("connect", () => {
    why = "the connection was closed";
    events.connected();
    subscribe(client, spec, { subscribed: () => events.subscribed(), lost });
  });
  client.on("message", (topic, payload, { retain }) => events.message({ topic, payload, retain }));
  client.on("error", (error) => lost(describeError(error) || error.name));
  client.on("close", () => events.lost(why));
}

function subscribe(
  client: MqttClient,
  { topic, metric }: MqttSpec,
  events: Pick<MqttEvents, "subscribed" | "lost">,
): void {
  const options = { qos: 1, rap: true, rh: metric === "messages" ? keepRetained : sendRetained } as const;
  client.subscribe(topic, options, (error, granted = []) => {
    const refused = granted.find(({ qos }) => qos >= refusal);
    if (error) events.lost(describeError(error));
    else if (refused) events.lost(`the subscription was refused with code ${refused.qos}`);
    else events.subscribed();
  });
}
