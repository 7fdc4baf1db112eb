import { seededRng, silentLogger, VirtualClock } from "@walras/kit";
import { beforeEach, describe, expect, test } from "vitest";

import { LeaderElector } from "./lease.ts";
import { LeaseServer } from "./leaseTesting.ts";
import { microTime } from "./microTime.ts";

let clock: VirtualClock;
let server: LeaseServer;
let told: string[];

beforeEach(() => {
  clock = new VirtualClock();
  server = new LeaseServer(clock);
  told = [];
});

/** Lets what is ready run first, for the clock moves before it looks. */
async function pass(durationMs: number): Promise<void> {
  await clock.advance(0);
  await clock.advance(durationMs);
}

function candidate(identity: string, seed: number, logger = silentLogger): LeaderElector {
  const elector = new LeaderElector({
    transport: server.for(identity),
    lease: { namespace: "ns", name: "walras" },
    identity,
    clock,
    rng: seededRng(seed),
    logger,
    onLost: () => told.push(`${identity} lost`),
  });
  elector.whenLeading((epoch) => told.push(`${identity} leads in ${epoch}`));
  return elector;
}

function pair(): readonly [LeaderElector, LeaderElector] {
  const both = [candidate("one", 1), candidate("two", 2)] as const;
  both[0].start();
  return both;
}

describe("who leads", () => {
  test("the first, for as long as it renews; the other waits", async () => {
    const [one, two] = pair();
    await pass(100);
    two.start();
    for (let minute = 0; minute < 10; minute += 1) {
      await pass(60_000);
      expect([one.leads(), two.leads()]).toEqual([true, false]);
    }
    expect(told).toEqual(["one leads in 1"]);
  });

  test("the other at once, when the first gives up, which whoever waits for it is told", async () => {
    const [one, two] = pair();
    await pass(100);
    two.start();
    two.whenLeading(() => told.push(`two ${two.leads() ? "may" : "may not"}`));
    await one.stop();
    await pass(2400);
    expect([one.leads(), two.leads(), two.epoch]).toEqual([false, true, 2]);
    expect(told.slice(1)).toEqual(["two leads in 2", "two may"]);
  });

  test("the other after the lease's own duration, when the first is cut off; never both", async () => {
    const [one, two] = pair();
    await pass(100);
    two.start();
    await pass(3000);
    server.cutOff.add("one");
    let bothLed = false;
    for (let step = 0; step < 200; step += 1) {
      await pass(100);
      bothLed ||= one.leads() && two.leads();
      if (step === 110) expect([one.leads(), two.leads(), told.at(-1)]).toEqual([false, false, "one lost"]);
    }
    expect([bothLed, two.leads(), told]).toEqual([false, true, ["one leads in 1", "one lost", "two leads in 2"]]);
  });

  test("the other within fifteen seconds of the first's end, whenever that is, and of who waits by a look each second", async () => {
    for (let afterMs = 3000; afterMs < 5000; afterMs += 170) {
      clock = new VirtualClock();
      server = new LeaseServer(clock);
      const [, two] = pair();
      await pass(100);
      two.start();
      await pass(afterMs);
      server.cutOff.add("one");
      server.asked.length = 0;
      await pass(10_000);
      expect(server.asked.filter((asked) => asked === "two GET").length).toBeLessThan(12);
      await pass(4200);
      expect([afterMs, two.leads()]).toEqual([afterMs, true]);
    }
  });

  test("nobody while the server is away at the moment that a lease runs out: looks do not follow faster", async () => {
    const [, two] = pair();
    await pass(100);
    two.start();
    await pass(3000);
    server.cutOff.add("one");
    await pass(10_500);
    server.cutOff.add("two");
    server.asked.length = 0;
    await pass(10_000);
    expect(server.asked.length).toBeLessThan(12);
    server.cutOff.delete("two");
    await pass(1300);
    expect(two.leads()).toBe(true);
  });

  test("a longer duration in the lease is respected", async () => {
    const spec = { holderIdentity: "absent", leaseDurationSeconds: 60, leaseTransitions: 7 };
    server.lease = { metadata: { resourceVersion: "0" }, spec };
    const [one] = pair();
    await pass(59_000);
    expect(one.leads()).toBe(false);
    await pass(5000);
    expect([one.leads(), one.epoch]).toEqual([true, 8]);
  });

  test("of two that want a free lease at the same moment, one", async () => {
    server.lease = { metadata: { resourceVersion: "0" }, spec: { holderIdentity: "", leaseTransitions: 3 } };
    const [one, two] = [candidate("one", 1), candidate("two", 1)];
    one.start();
    two.start();
    await pass(10_000);
    expect(one.leads()).toBe(!two.leads());
    expect(server.lease?.spec.leaseTransitions).toBe(4);
  });
});

describe("when to stop", () => {
  test("a leader whose calls hang stops after eleven seconds", async () => {
    const [one] = pair();
    await pass(100);
    server.hanging.add("one");
    await pass(10_500);
    expect(one.leads()).toBe(true);
    await pass(1000);
    expect([one.leads(), told.at(-1)]).toEqual([false, "one lost"]);
  });

  test("a leader that slept does not lead when it wakes, before any timer has run", async () => {
    let wokenMs = 0;
    const [one] = [
      new LeaderElector({
        transport: server.for("one"),
        lease: { namespace: "ns", name: "walras" },
        identity: "one",
        clock: {
          wallMs: () => 0,
          monotonicMs: () => clock.monotonicMs() + wokenMs,
          after: (ms, run) => clock.after(ms, run),
        },
        rng: seededRng(1),
        logger: silentLogger,
        onLost: () => undefined,
      }),
    ];
    one.start();
    await pass(100);
    expect(one.leads()).toBe(true);
    wokenMs = 11_000;
    expect(one.leads()).toBe(false);
  });

  test("a leader that finds another's name in the lease is lost at once", async () => {
    const [one] = pair();
    await pass(100);
    server.lease = { metadata: { resourceVersion: "x" }, spec: { holderIdentity: "usurper", leaseTransitions: 2 } };
    await pass(2500);
    expect([one.leads(), told]).toEqual([false, ["one leads in 1", "one lost"]]);
  });

  test("a leader survives short trouble", async () => {
    const [one] = pair();
    await pass(100);
    server.cutOff.add("one");
    await pass(6000);
    server.cutOff.clear();
    await pass(30_000);
    expect([one.leads(), told]).toEqual([true, ["one leads in 1"]]);
  });
});

describe("what is said of a lease that is not had", () => {
  const lines: string[] = [];
  const note = (fields: object, text: string): number => lines.push(`${text}: ${JSON.stringify(fields)}`);
  const logger = { ...silentLogger, warn: note, info: note } as unknown as typeof silentLogger;

  beforeEach(() => lines.splice(0));

  test("that nothing is decided, once for as long as the reason stays the same, and again when it has been well", async () => {
    server.cutOff.add("one");
    const one = candidate("one", 1, logger);
    one.start();
    await pass(120_000);
    expect(lines).toEqual([
      expect.stringMatching(/^no lease is to be had: this replica decides nothing until it has one: .*"ns\/walras"/),
    ]);
    server.cutOff.clear();
    await pass(5_000);
    expect([one.leads(), lines.at(-1)]).toEqual([true, expect.stringMatching(/^leading/)]);
    server.cutOff.add("one");
    await pass(10_000);
    expect(lines.slice(2)).toEqual([expect.stringMatching(/^lease not renewed/)]);
  });

  test("who leads instead, once", async () => {
    const one = candidate("one", 1);
    one.start();
    await pass(100);
    candidate("two", 2, logger).start();
    await pass(60_000);
    expect(lines).toEqual([
      'another leads: this replica decides nothing until that has gone: {"lease":"ns/walras","holder":"one"}',
    ]);
  });
});

test("epochs only grow, also where the lease is deleted", async () => {
  server.lease = { metadata: { resourceVersion: "0" }, spec: { leaseTransitions: 41 } };
  const [one, two] = pair();
  await pass(100);
  two.start();
  await pass(3000);
  expect(one.epoch).toBe(42);
  server.lease = undefined;
  await pass(30_000);
  const leader = [one, two].find((each) => each.leads());
  expect(leader?.epoch).toBeGreaterThan(42);
  expect([one, two].filter((each) => each.leads())).toHaveLength(1);
});

test("times have six digits", () => {
  expect(microTime(Date.UTC(2026, 0, 2, 3, 4, 5, 6))).toBe("2026-01-02T03:04:05.006000Z");
});
