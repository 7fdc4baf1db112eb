import { silentLogger, systemClock } from "@walras/kit";
import { freePort } from "@walras/kit/testing";
import { MongoClient } from "mongodb";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { MongoKnowledge, type MongoOptions } from "./mongo.ts";
import { knowledgeContract } from "./testing/contract.ts";
import { aPlanEvent, anEffect } from "./testing/events.ts";
import { Mongod } from "./testing/mongod.ts";

let lost = 0;
const stops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  lost = 0;
});

function aBase(uri: string, part: Partial<MongoOptions> = {}): MongoKnowledge {
  const onDropped = (count: number): void => void (lost += count);
  const around = { clock: systemClock, logger: silentLogger, onDropped };
  return new MongoKnowledge({ uri, keptMs: 1e12, mostEvents: 1e6, timeoutMs: 5_000, ...around, ...part });
}

async function open(uri: string, part: Partial<MongoOptions> = {}): Promise<MongoKnowledge> {
  const base = aBase(uri, part);
  await base.start();
  stops.push(() => base.stop());
  return base;
}

describe("without a server", () => {
  it("nobody waits: events wait, the oldest are lost, and what is asked fails", async () => {
    const base = await open(`mongodb://127.0.0.1:${await freePort()}/`, { timeoutMs: 100 });
    await Promise.all(Array.from({ length: 20_010 }, () => base.record(aPlanEvent())));
    expect(lost).toBe(10);
    await expect(base.events("default/my-intent", 1)).rejects.toThrow();
    await expect(base.effects("default/my-intent")).rejects.toThrow();
    await expect(base.learn(anEffect())).rejects.toThrow();
  });

  it("an event that no server takes is refused", async () => {
    const base = await open(`mongodb://127.0.0.1:${await freePort()}/`, { timeoutMs: 100 });
    const huge = aPlanEvent({ annotations: { note: "x".repeat(2 ** 20) } });
    await expect(base.record(huge)).rejects.toThrow("the event of default/my-intent is too large: 1049106 bytes");
  });

  it("a URI that is none is told at once", () => {
    expect(() => aBase("http://mongo/")).toThrow("Invalid scheme");
  });
});

describe.runIf(Mongod.installed)("with a server", { timeout: 60_000 }, () => {
  let server: Mongod;
  let client: MongoClient;

  beforeAll(async () => {
    server = await Mongod.start();
    client = new MongoClient(server.uri);
  });
  afterAll(async () => {
    await client.close();
    await server.remove();
  });

  const empty = async (): Promise<void> => {
    for (const name of ["events", "effects"]) await client.db("intents").collection(name).deleteMany({});
  };

  knowledgeContract("in MongoDB", async () => {
    await empty();
    const base = aBase(server.uri);
    await base.start();
    return { base, close: () => base.stop() };
  });

  it("is found there as the prototype's documents, with indexes", async () => {
    await empty();
    const base = await open(server.uri);
    await base.record(aPlanEvent({ annotations: {} }));
    await base.learn(anEffect());
    await base.events("default/my-intent", 1);
    const db = client.db("intents");
    const [event] = await db.collection("events").find({ name: "default/my-intent" }).toArray();
    expect(event).toMatchObject({
      timestamp: new Date(Date.UTC(2026, 0, 1)),
      current_objectives: { "default/p99latency": 139.25 },
      pods: { "function-deployment-1": { nodename: "n1", qosclass: "Guaranteed" } },
      plan: [{ name: "scaleOut", properties: { factor: 3 } }],
    });
    const [effect] = await db.collection("effects").find({ group: "vertical_scaling" }).toArray();
    expect(effect).toMatchObject({ profileName: "default/p99latency", static: false, data: { popt: [100, 0.2, 50] } });
    const names = (await db.collection("events").indexes()).map(({ key }) => Object.keys(key as object).join());
    expect(names).toEqual(expect.arrayContaining(["name,_id", "timestamp"]));
  });

  it("what others have written is read, and what cannot be read is left out", async () => {
    await empty();
    const base = await open(server.uri);
    const effects = client.db("intents").collection("effects");
    const data = { popts: [100, 0.2, 50], image: "iVBOR" };
    const named = { name: "default/my-intent", group: "vertical_scaling", profileName: "default/p99latency" };
    await effects.insertMany([{ ...named, data, static: true, timestamp: new Date(5) }, { name: "default/my-intent" }]);
    expect(await base.effects("default/my-intent")).toEqual([{ ...named, data, static: true, timestamp: 5 }]);
  });

  it("goes on after the server was away, with what was recorded meanwhile", async () => {
    await empty();
    const base = await open(server.uri, { timeoutMs: 1_000 });
    await base.record(aPlanEvent({ timestampMs: 1 }));
    await base.events("default/my-intent", 1);
    await server.end();
    await base.record(aPlanEvent({ timestampMs: 2 }));
    await expect(base.events("default/my-intent", 1)).rejects.toThrow();
    await server.begin();
    await vi.waitFor(
      async () => expect((await base.events("default/my-intent", 9)).map((one) => one.timestampMs)).toEqual([1, 2]),
      { timeout: 30_000, interval: 200 },
    );
    expect(lost).toBe(0);
  });

  it("keeps what is young, as many as there may be, and somebody's word", async () => {
    await empty();
    const nowMs = Date.now();
    const base = aBase(server.uri, { keptMs: 3_600_000, mostEvents: 3 });
    stops.push(() => base.stop());
    for (const age of [7_200_000, 4_000, 3_000, 2_000, 1_000])
      await base.record(aPlanEvent({ timestampMs: nowMs - age }));
    await base.learn(anEffect({ timestamp: 0 }));
    await base.learn(anEffect({ timestamp: 0, static: true }));
    await base.events("default/my-intent", 1);
    await base.forgetOld();
    const events = await base.events("default/my-intent", 10);
    expect(events.map(({ timestampMs }) => nowMs - timestampMs)).toEqual([3_000, 2_000, 1_000]);
    expect((await base.effects("default/my-intent")).map((effect) => effect.static)).toEqual([true]);
  });
});
