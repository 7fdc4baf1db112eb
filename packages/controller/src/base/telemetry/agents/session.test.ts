import { VirtualClock } from "@walras/kit";
import { type AgentMessage, CgroupVersion, type Hello } from "@walras/proto";
import { beforeEach, describe, expect, it } from "vitest";

import { AgentSession } from "./session.ts";

const hello: Hello = {
  nodeName: "node-1",
  bootId: "b",
  agentVersion: "test",
  cgroupVersion: CgroupVersion.CGROUP_VERSION_V2,
  pressureAvailable: true,
  inventory: undefined,
};

let clock: VirtualClock;
let closed: string[];
let session: AgentSession;

beforeEach(() => {
  clock = new VirtualClock();
  closed = [];
  const stream = { send: () => undefined, close: (reason: string) => closed.push(reason) };
  session = new AgentSession(hello, stream, {
    clock,
    epoch: () => 1,
    settings: () => ({ intervalMillis: 1_000, allocatableMilli: 4_000 }),
    podsOf: () => [],
    onReport: () => ({ resync: false, reason: "" }),
  });
});

function reportOf(sequence: number): AgentMessage {
  const value = {
    sequence,
    full: false,
    windowMillis: 1_000,
    capturedUnixMillis: 0,
    introduced: [],
    gone: [],
    limits: [],
  };
  return { message: { $case: "report", value } };
}

describe("an agent's session", () => {
  it("goes on as long as it reports, and ends 15 s after its last word", async () => {
    for (let second = 1; second <= 40; second += 1) {
      await clock.advance(1_000);
      session.receive(reportOf(second));
    }
    await clock.advance(14_999);
    expect(closed).toEqual([]);
    await clock.advance(1);
    expect(closed).toEqual(["silent for 15000 ms"]);
  });

  it("ends where nothing follows the Hello", async () => {
    await clock.advance(15_000);
    expect(closed).toEqual(["silent for 15000 ms"]);
  });

  it("is not ended again once its stream has", async () => {
    await clock.advance(10_000);
    session.ended();
    await clock.advance(60_000);
    expect(closed).toEqual([]);
  });
});
