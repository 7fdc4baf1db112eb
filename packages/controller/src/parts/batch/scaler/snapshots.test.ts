import { type Clock, VirtualClock } from "@walras/kit";
import { beforeEach, describe, expect, it } from "vitest";

import type { ScaledRef } from "../decide/asker.ts";
import { PollSnapshots, type Snapshot } from "./snapshots.ts";

const ref: ScaledRef = { namespace: "posture", name: "web", metadata: {} };

let clock: VirtualClock;
let value: number;
let snapshots: PollSnapshots;

beforeEach(() => {
  clock = new VirtualClock();
  value = 3;
  snapshots = new PollSnapshots({ poll: () => ({ value, active: value > 0 }) }, clock);
});

/** Both questions of one poll, in KEDA's order. */
async function poll(): Promise<Snapshot> {
  const { value: told } = await snapshots.ask(ref, "value");
  return { value: told, active: (await snapshots.ask(ref, "active")).active };
}

describe("a poll that comes right after one that was told of jobs", () => {
  it("is answered by what is there when those must have been seen", async () => {
    expect(await poll()).toEqual({ value: 3, active: true });
    await clock.advance(20);
    const second = poll();
    // The first three have begun by then.
    await clock.advance(100);
    value = 0;
    await clock.advance(800);
    expect(await second).toEqual({ value: 0, active: false });
  });

  it("is answered the same where none was made, and so are others that wait", async () => {
    await poll();
    const [second, third] = [snapshots.ask(ref, "value"), snapshots.ask(ref, "value")];
    await clock.advance(900);
    expect([await second, await third]).toMatchObject([{ value: 3 }, { value: 3 }]);
  });

  it("is answered with one that comes when the wait is over, but not yet noticed", async () => {
    let aheadMs = 0;
    let polls = 0;
    const late: Clock = {
      wallMs: () => clock.wallMs(),
      monotonicMs: () => clock.monotonicMs() + aheadMs,
      after: (delayMs, run) => clock.after(delayMs, run),
    };
    const answers = { poll: () => ({ value: (polls += 1), active: true }) };
    snapshots = new PollSnapshots(answers, late);
    await poll();
    const second = snapshots.ask(ref, "value");
    aheadMs = 1_000;
    const third = snapshots.ask(ref, "value");
    await clock.advance(900);
    expect([await second, await third, polls]).toMatchObject([{ value: 2 }, { value: 2 }, 2]);
  });

  it("leaves the first poll its second answer", async () => {
    await snapshots.ask(ref, "value");
    const second = snapshots.ask(ref, "value");
    value = 0;
    expect(await snapshots.ask(ref, "active")).toMatchObject({ active: true });
    await clock.advance(900);
    expect(await second).toMatchObject({ value: 0 });
  });
});

describe("a poll that waits for nothing", () => {
  it("comes a second later", async () => {
    await poll();
    await clock.advance(1_000);
    expect(await poll()).toEqual({ value: 3, active: true });
  });

  it("comes after one that was told of none", async () => {
    value = 0;
    await poll();
    value = 2;
    expect(await poll()).toEqual({ value: 2, active: true });
  });

  it("is of another trigger", async () => {
    await poll();
    expect(await snapshots.ask({ ...ref, metadata: { demand: "always" } }, "value")).toMatchObject({ value: 3 });
  });
});
