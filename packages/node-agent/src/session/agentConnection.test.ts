import { seededRng, silentLogger, VirtualClock } from "@walras/kit";
import type { AgentMessage, ControllerMessage, Report } from "@walras/proto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { FakeSampler, hello, sampleOf } from "../testing/readings.ts";
import { AgentConnection } from "./agentConnection.ts";
import { FakeDialer, type FakeStream } from "./fakeDialer.ts";

type Message = NonNullable<ControllerMessage["message"]>;

const resync = { $case: "resync", value: { reason: "test" } } as const;
const settings = { $case: "settings", value: { intervalMillis: 1000, allocatableMilli: 2000 } } as const;
const podSet: Message = { $case: "podSet", value: { pods: [{ uid: "u", configHash: "", containerIds: ["a"] }] } };

let clock: VirtualClock;
let dialer: FakeDialer;
let sampler: FakeSampler;
let agent: AgentConnection;

function reports(stream: FakeStream): Report[] {
  return stream.sent.flatMap(({ message }: AgentMessage) => (message?.$case === "report" ? [message.value] : []));
}

function lastStream(): FakeStream {
  const stream = dialer.streams.at(-1);
  if (!stream) throw new Error("no stream was opened");
  return stream;
}

beforeEach(() => {
  clock = new VirtualClock();
  dialer = new FakeDialer();
  sampler = new FakeSampler();
  agent = new AgentConnection({
    dialer,
    sampler,
    hello,
    intervalMs: 1000,
    clock,
    rng: seededRng(1),
    logger: silentLogger,
  });
  agent.start();
});

afterEach(() => agent.stop());

describe("the agent's connection", () => {
  it("says hello, waits for an answer, then reports at each full second", async () => {
    const stream = lastStream();
    expect(stream.sent).toEqual([{ message: { $case: "hello", value: hello } }]);
    await clock.advance(2500);
    expect(reports(stream)).toHaveLength(0);
    stream.say(1, settings);
    stream.say(1, podSet);
    sampler.containers = [sampleOf("a")];
    await clock.advance(499);
    expect(reports(stream)).toHaveLength(0);
    await clock.advance(2001);
    expect(reports(stream).map(({ sequence, full }) => [sequence, full])).toEqual([
      [1, true],
      [2, false],
      [3, false],
    ]);
    expect(sampler.wanted?.podUidOf?.get("a")).toBe("u");
  });

  it("takes the interval it is given", async () => {
    lastStream().say(1, { $case: "settings", value: { intervalMillis: 200, allocatableMilli: 0 } });
    await clock.advance(1000);
    expect(reports(lastStream())).toHaveLength(5);
  });

  it("tells everything again when asked", async () => {
    const stream = lastStream();
    sampler.containers = [sampleOf("a")];
    stream.say(1, settings);
    await clock.advance(2000);
    stream.say(1, resync);
    await clock.advance(1000);
    const last = reports(stream).at(-1);
    expect(last).toMatchObject({ sequence: 3, full: true, introduced: [{ containerId: "a" }] });
    expect(last?.samples?.handle).toHaveLength(1);
  });

  it("ignores a deposed leader, closes its stream and looks for another", async () => {
    lastStream().say(5, podSet);
    lastStream().break("gone");
    await clock.advance(1000);
    const old = lastStream();
    old.say(4, { $case: "podSet", value: { pods: [] } });
    expect(old.open).toBe(false);
    await clock.advance(5000);
    expect(dialer.streams).toHaveLength(3);
    expect(sampler.wanted?.podUidOf?.get("a")).toBe("u");
    lastStream().say(5, podSet);
    await clock.advance(1000);
    expect(reports(lastStream())).toHaveLength(1);
  });

  it("keeps one report on its way, and merges what comes meanwhile into the next", async () => {
    const stream = lastStream();
    stream.say(1, settings);
    sampler.containers = [sampleOf("a", { usageMilli: 100 }), sampleOf("b")];
    await clock.advance(1000);
    stream.clogged = true;
    for (const usageMilli of [200, 300, 400, 500]) {
      sampler.containers = [sampleOf("a", { usageMilli })];
      await clock.advance(1000);
    }
    expect(reports(stream)).toHaveLength(2);
    stream.drain();
    expect(reports(stream)).toHaveLength(3);
    const [, , merged] = reports(stream);
    expect(merged).toMatchObject({ sequence: 3, full: false, samples: { handle: [1], usageMilli: [500] } });
  });

  it("gives up a controller that takes nothing, and one that answers nothing", async () => {
    await clock.advance(14_000);
    expect(lastStream().open).toBe(true);
    await clock.advance(2000);
    expect(dialer.streams[0]?.open).toBe(false);
    const stream = lastStream();
    stream.say(1, settings);
    stream.clogged = true;
    await clock.advance(17_000);
    expect(stream.open).toBe(false);
  });

  it("begins each stream with everything, on the epoch it knows", async () => {
    sampler.containers = [sampleOf("a")];
    lastStream().say(1, settings);
    await clock.advance(1000);
    lastStream().break("reset");
    await clock.advance(1000);
    lastStream().say(1, settings);
    await clock.advance(1000);
    expect(reports(lastStream())[0]).toMatchObject({ sequence: 1, full: true, introduced: [{ handle: 1 }] });
  });

  it("tries again after longer and longer pauses, and soon after a stream that was healthy", async () => {
    for (let minute = 0; minute < 60; minute += 1) {
      for (const stream of dialer.streams) if (stream.open) stream.break("refused");
      await clock.advance(1000);
    }
    // Each 1.5 to 3 s in the end.
    expect(dialer.streams.length).toBeGreaterThan(20);
    expect(dialer.streams.length).toBeLessThan(40);
    await clock.advance(10_000);
    lastStream().say(1, settings);
    await clock.advance(6000);
    const before = dialer.streams.length;
    lastStream().break("restart");
    await clock.advance(200);
    expect(dialer.streams).toHaveLength(before + 1);
  });

  it("survives a token that cannot be read and a node that cannot be sampled", async () => {
    dialer.refusal = new Error("no token");
    lastStream().break("refused");
    await clock.advance(3000);
    dialer.refusal = null;
    sampler.failure = new Error("no /proc");
    await clock.advance(10_000);
    lastStream().say(1, settings);
    await clock.advance(2000);
    expect(reports(lastStream())).toHaveLength(0);
    sampler.failure = null;
    await clock.advance(1000);
    expect(reports(lastStream())).toHaveLength(1);
  });

  it("is silent after it has been stopped", async () => {
    agent.stop();
    await clock.advance(60_000);
    expect(dialer.streams).toHaveLength(1);
    expect(lastStream().open).toBe(false);
  });
});
