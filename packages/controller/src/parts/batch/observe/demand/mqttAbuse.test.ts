import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

import { afterEach, expect, it } from "vitest";

import { demandLimits } from "./limits.ts";
import { connectMqtt } from "./mqttClient.ts";

const stops: (() => void)[] = [];

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** MQTT 5.0: CONNACK, and the head of a PUBLISH of 200,000,000 bytes. */
const connack = Buffer.from([0x20, 0x03, 0x00, 0x00, 0x00]);
const endlessPublish = Buffer.from([0x30, 0x80, 0x84, 0xaf, 0x5f]);
const chunk = Buffer.alloc(64 * 1024);

/** A broker that begins a message which has no end. */
async function endlessBroker(): Promise<{ url: string; sent: () => number; ended: () => boolean }> {
  let sent = 0;
  let ended = false;
  const pour = (socket: Socket): void => {
    while (!socket.destroyed) {
      sent += chunk.length;
      if (!socket.write(chunk)) return;
    }
  };
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("close", () => (ended = true));
    socket.once("data", () => {
      socket.write(connack);
      socket.write(endlessPublish);
      socket.on("drain", () => pour(socket));
      pour(socket);
    });
    stops.push(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stops.push(() => server.close());
  const url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, sent: () => sent, ended: () => ended };
}

it("a broker whose message does not end is not read on", async () => {
  const broker = await endlessBroker();
  const reasons: string[] = [];
  const connection = connectMqtt(
    { kind: "mqtt", broker: broker.url, topic: "t", metric: "messages", windowMs: 1_000 },
    {
      connected: () => undefined,
      subscribed: () => undefined,
      message: () => undefined,
      lost: (reason) => reasons.push(reason),
    },
  );
  stops.push(() => connection.close());
  await expect.poll(() => broker.ended(), { timeout: 10_000 }).toBe(true);
  expect(broker.sent()).toBeLessThan(20 * demandLimits.mqttPacketBytes);
  expect(reasons).not.toEqual([]);
});
