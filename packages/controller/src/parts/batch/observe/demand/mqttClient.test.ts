import { systemClock } from "@walras/kit";
import { freePort, Mosquitto } from "@walras/kit/testing";
import { connect, type MqttClient } from "mqtt";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { demandSpecOf, type MqttSpec } from "./metadata.ts";
import { MqttDemand } from "./mqtt.ts";
import { connectMqtt } from "./mqttClient.ts";

const stops: (() => void)[] = [];

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

function demandOn(metadata: Record<string, string>): MqttDemand {
  const all = { demand: "mqtt", ...metadata };
  const spec = demandSpecOf({ namespace: "n", name: "j", metadata: all }) as MqttSpec;
  const demand = new MqttDemand(spec, connectMqtt, systemClock);
  demand.start();
  stops.push(() => demand.stop());
  return demand;
}

function told(demand: MqttDemand): number | string {
  try {
    return demand.items();
  } catch (error) {
    return (error as Error).message;
  }
}

describe("a broker that is not there", () => {
  it("is named with the reason", async () => {
    const broker = `mqtt://127.0.0.1:${await freePort()}`;
    const demand = demandOn({ mqttBroker: broker, mqttTopic: "t" });
    await expect.poll(() => told(demand)).toContain(`MQTT broker ${broker}, topic t: connect ECONNREFUSED`);
  });
});

describe.skipIf(!Mosquitto.installed)("mosquitto", () => {
  let mosquitto: Mosquitto;
  let producer: MqttClient;
  const topic = (mqttTopic: string, more: Record<string, string> = {}): Record<string, string> => ({
    mqttBroker: `mqtt://127.0.0.1:${mosquitto.port}`,
    mqttTopic,
    ...more,
  });

  beforeAll(async () => {
    mosquitto = await Mosquitto.start();
    producer = connect(`mqtt://127.0.0.1:${mosquitto.port}`, { reconnectPeriod: 50 });
    producer.on("error", () => undefined);
    await new Promise<void>((resolve) => producer.once("connect", () => resolve()));
  });

  afterAll(async () => {
    producer.end(true);
    await mosquitto.remove();
  });

  it("tells messages as they come, and none that it kept from before", async () => {
    await producer.publishAsync("images/old", "kept", { qos: 1, retain: true });
    const demand = demandOn(topic("images/#"));
    await expect.poll(() => told(demand)).toBe(0);
    for (let image = 0; image < 3; image += 1) await producer.publishAsync("images/pi1", Buffer.alloc(100_000));
    await expect.poll(() => told(demand)).toBe(3);
  });

  it("tells what is retained, and what is cleared or added later", async () => {
    const retain = { qos: 1, retain: true } as const;
    for (const item of ["1", "2", "3"]) await producer.publishAsync(`work/${item}`, "item", retain);
    const demand = demandOn(topic("work/+", { demandMetric: "retained" }));
    await expect.poll(() => told(demand), { timeout: 5000 }).toBe(3);
    await producer.publishAsync("work/2", "", retain);
    await expect.poll(() => told(demand)).toBe(2);
    await producer.publishAsync("work/4", "item", retain);
    await expect.poll(() => told(demand)).toBe(3);
    await producer.publishAsync("work/5", "not retained", { qos: 1 });
    await producer.publishAsync("work/6", "item", retain);
    await expect.poll(() => told(demand)).toBe(4);
  });

  it("tells a depth that it publishes itself", async () => {
    const depth = demandOn(topic("$SYS/broker/retained messages/count", { demandMetric: "depth" }));
    await expect.poll(() => typeof told(depth), { timeout: 5000 }).toBe("number");
    expect(Number(told(depth))).toBeGreaterThan(0);
  });

  it("says when it does not let somebody in", async () => {
    const demand = demandOn({
      mqttBroker: `mqtt://127.0.0.1:${mosquitto.closedPort}`,
      mqttTopic: "t",
      mqttUsername: "nobody",
    });
    await expect.poll(() => told(demand)).toMatch(/: Connection refused: Not authorized/i);
  });

  it("is connected to again after it was gone", async () => {
    const demand = demandOn(topic("again"));
    await expect.poll(() => told(demand)).toBe(0);
    await producer.publishAsync("again", "1", { qos: 1 });
    await expect.poll(() => told(demand)).toBe(1);
    await mosquitto.end();
    mosquitto.begin();
    await expect
      .poll(
        async () => {
          await producer.publishAsync("again", "2", { qos: 1 });
          return told(demand);
        },
        { timeout: 15_000, interval: 500 },
      )
      .toBeGreaterThan(1);
  });
});
