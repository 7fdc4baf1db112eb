import { seededRng, silentLogger, VirtualClock } from "@walras/kit";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";

import { LeaderElector } from "./lease.ts";
import { LeaseServer } from "./leaseTesting.ts";

let clock: VirtualClock;
let server: LeaseServer;
let told: string[];

beforeEach(() => {
  clock = new VirtualClock();
  server = new LeaseServer(clock);
  told = [];
});

/** @param offsetMs how far its clocks are ahead of the others' */
function candidate(identity: string, offsetMs = 0, onLost = (): void => undefined): LeaderElector {
  const elector = new LeaderElector({
    transport: server.for(identity),
    lease: { namespace: "ns", name: "walras" },
    identity,
    clock: {
      wallMs: () => clock.wallMs() + offsetMs,
      monotonicMs: () => clock.monotonicMs() + offsetMs,
      after: (ms, run) => clock.after(ms, run),
    },
    rng: seededRng(identity.length),
    logger: silentLogger,
    onLost: () => {
      told.push(`${identity} lost`);
      onLost();
    },
  });
  elector.whenLeading((epoch) => told.push(`${identity} leads in ${epoch}`));
  return elector;
}

/** Moves on in steps, looking after each. */
async function pass(durationMs: number, look: () => void, stepMs = 250): Promise<void> {
  await clock.advance(0);
  for (let passedMs = 0; passedMs < durationMs; passedMs += stepMs) {
    await clock.advance(stepMs);
    look();
  }
}

function everyCallTakes(latencyMs: number): void {
  server.trip = () => ({ thereMs: latencyMs / 2, backMs: latencyMs / 2 });
}

describe("a slow API server", () => {
  test.each([4000, 5000, 5400])("answers in %d ms: the lease is won, and kept without a gap", async (latencyMs) => {
    everyCallTakes(latencyMs);
    const elector = candidate("one");
    elector.start();
    await pass(2 * latencyMs, () => undefined);
    await pass(600_000, () => expect(elector.leads()).toBe(true));
    expect(told).toEqual(["one leads in 1"]);
  });

  test("lets a standby take over from who is gone", async () => {
    everyCallTakes(5000);
    const spec = { holderIdentity: "gone", leaseDurationSeconds: 13, leaseTransitions: 4 };
    server.lease = { metadata: { resourceVersion: "0" }, spec };
    const elector = candidate("two");
    elector.start();
    await pass(45_000, () => undefined);
    expect([elector.leads(), elector.epoch]).toEqual([true, 5]);
    await pass(60_000, () => expect(elector.leads()).toBe(true));
  });

  test("that answers a claim too late makes no leader of who asked", async () => {
    server.trip = () => ({ thereMs: 0, backMs: server.asked.length === 2 ? 12_000 : 0 });
    const elector = candidate("one");
    elector.start();
    await pass(12_900, () => expect(elector.leads()).toBe(false));
    expect(told).toEqual([]);
    await pass(30_000, () => undefined);
    expect([elector.leads(), told]).toEqual([true, ["one leads in 2"]]);
  });
});

describe("a renewal", () => {
  test("is one write every two seconds, measured from question to question", async () => {
    everyCallTakes(500);
    const elector = candidate("one");
    elector.start();
    await pass(2000, () => undefined);
    server.asked.length = 0;
    await pass(20_000, () => undefined);
    expect(server.asked).toEqual(Array.from({ length: 10 }, () => "one PUT"));
  });

  test("whose answer is lost is followed by a look, and by another in time", async () => {
    const elector = candidate("one");
    elector.start();
    await pass(1000, () => undefined);
    let lost = false;
    server.trip = () => {
      const first = !lost;
      lost = true;
      return { thereMs: 0, backMs: 0, lost: first ? "answer" : undefined };
    };
    server.asked.length = 0;
    await pass(30_000, () => expect(elector.leads()).toBe(true));
    expect(server.asked.slice(0, 4)).toEqual(["one PUT", "one GET", "one PUT", "one PUT"]);
    expect(told).toEqual(["one leads in 1"]);
  });
});

test("a lease deleted under its leader is made anew by it; who waited gives it the time", async () => {
  everyCallTakes(1000);
  const [one, two] = [candidate("one"), candidate("other")];
  one.start();
  await pass(5000, () => undefined);
  two.start();
  await pass(10_000, () => undefined);
  server.lease = undefined;
  await pass(60_000, () => expect(two.leads()).toBe(false));
  expect([one.leads(), told]).toEqual([true, ["one leads in 1", "one leads in 2"]]);
});

test("a leader that stops leads no more before its lease can be another's", async () => {
  everyCallTakes(3000);
  const [one, two] = [candidate("one"), candidate("other")];
  one.start();
  await pass(8000, () => undefined);
  two.start();
  await pass(8000, () => undefined);
  const stopped = one.stop();
  await pass(20_000, () => expect([one.leads(), two.leads()]).not.toEqual([true, true]));
  await stopped;
  expect([server.lease?.spec.holderIdentity, two.leads()]).toEqual(["other", true]);
});

/** What one process meets: clocks of its own, a network that is away for a while, and when it is told to stop. */
const anyProcess = fc.record({
  offsetMs: fc.integer({ min: -86_400_000, max: 86_400_000 }),
  cutOffAtMs: fc.integer({ min: 0, max: 200_000 }),
  stopsAtMs: fc.integer({ min: 0, max: 240_000 }),
});
const anyWorld = fc.record({
  seed: fc.nat(),
  mostLatencyMs: fc.integer({ min: 0, max: 7000 }),
  lostShare: fc.constantFrom(0, 0.1, 0.5, 0.8),
  processes: fc.tuple(anyProcess, anyProcess),
});

test("two never lead at once, whatever is late or lost and whatever their clocks say", async () => {
  let terms = 0;
  await fc.assert(
    fc.asyncProperty(anyWorld, async ({ seed, mostLatencyMs, lostShare, processes }) => {
      clock = new VirtualClock();
      server = new LeaseServer(clock);
      told = [];
      const rng = seededRng(seed);
      const isCutOff = (client: string): boolean => {
        const sinceMs = clock.monotonicMs() - (processes[Number(client[0])]?.cutOffAtMs ?? 0);
        return sinceMs >= 0 && sinceMs < 40_000;
      };
      server.trip = (client) => {
        const lostAnswer = rng() < lostShare ? "answer" : undefined;
        const lost = isCutOff(client) ? "question" : lostAnswer;
        return { thereMs: (rng() * mostLatencyMs) / 2, backMs: (rng() * mostLatencyMs) / 2, lost };
      };
      const electors: LeaderElector[] = [];
      /** One that is lost ends, and its successor has a name of its own. */
      const begin = (place: number, offsetMs: number, life = 1): void => {
        const identity = `${place}-${life}`;
        electors[place] = candidate(identity, offsetMs, () => begin(place, offsetMs, life + 1));
        electors[place].start();
      };
      for (const [place, { offsetMs, stopsAtMs }] of processes.entries()) {
        begin(place, offsetMs);
        clock.after(stopsAtMs, () => void electors[place]?.stop().then(() => begin(place, offsetMs, 1000)));
      }
      const all = new Set<LeaderElector>();
      await pass(
        240_000,
        () => {
          for (const elector of electors) all.add(elector);
          expect([...all].filter((elector) => elector.leads()).length).toBeLessThanOrEqual(1);
        },
        200,
      );
      terms += told.length;
    }),
    { numRuns: 60 },
  );
  expect(terms).toBeGreaterThan(0);
});
