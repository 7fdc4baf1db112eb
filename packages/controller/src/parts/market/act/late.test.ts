import { silentLogger, VirtualClock } from "@walras/kit";
import { beforeEach, describe, expect, it } from "vitest";

import { NodeRoom } from "../../../base/access/room.ts";
import type { PodState } from "../../../base/cluster/pod.ts";
import { aPod } from "../../../base/cluster/testing.ts";
import { ResizeActuator } from "./actuator.ts";
import { ResizeLog } from "./log.ts";
import { QuotaRoom } from "./quotaRoom.ts";
import { type ContainerResize, type PodResize, resizeTo } from "./resize.ts";

const pod: PodState = aPod();

let clock: VirtualClock;
let actuator: ResizeActuator;
let sent: ContainerResize[];
let dropped: string[];
/** The world, which changes while a write waits. */
let world: { managed: boolean; leads: boolean; freeMilli: number };
/** Whether its turn has come. */
let turn: () => void;
/** Whether what was declared is on record. */
let recorded: () => void;

beforeEach(() => {
  clock = new VirtualClock();
  sent = [];
  dropped = [];
  world = { managed: true, leads: true, freeMilli: 1_000 };
  const came = new Promise<void>((resolve) => (turn = resolve));
  const written = new Promise<void>((resolve) => (recorded = resolve));
  actuator = new ResizeActuator({
    port: {
      resize: (_, containers) => {
        sent.push(...containers);
        return Promise.resolve(2);
      },
    },
    budget: { perSecond: 200, perform: ({ write }) => came.then(write) },
    log: new ResizeLog(),
    room: new NodeRoom(),
    quotas: new QuotaRoom(clock),
    podNow: () => pod,
    freeMilliFor: () => world.freeMilli,
    recordFirst: () => written,
    isWanted: () => world.managed,
    mayWrite: () => world.leads,
    observer: {
      resized: () => undefined,
      refused: () => undefined,
      dropped: (reason) => dropped.push(reason),
    },
    clock,
    logger: silentLogger,
  });
  actuator.submit(resizeOf(pod), false);
});

function resizeOf(of: PodState): PodResize {
  return resizeTo(of, [{ name: "app", requestMilli: 150, limitMilli: 300 }], "market")!;
}

describe("a resize that waits", () => {
  it("for its turn and its record is sent as it was decided where nothing has changed", async () => {
    turn();
    await clock.advance(1_000);
    expect(sent).toEqual([]);
    recorded();
    await clock.advance(0);
    expect(sent).toEqual([{ name: "app", requestMilli: 150, limitMilli: 300 }]);
  });

  it.each<[string, Partial<typeof world>, string]>([
    ["its pod has left the market", { managed: false }, "not managed"],
    ["another leads", { leads: false }, "not leading"],
  ])("for its record is dropped where meanwhile %s", async (_, change, reason) => {
    turn();
    await clock.advance(1_000);
    Object.assign(world, change);
    recorded();
    await clock.advance(0);
    expect([sent, dropped]).toEqual([[], [reason]]);
  });

  it("longer than any round would have asked anew is dropped", async () => {
    recorded();
    await clock.advance(5_001);
    turn();
    await clock.advance(0);
    expect([sent, dropped]).toEqual([[], ["too old"]]);
  });

  it("keeps those that can wait from being asked for while there are many, until it is written", async () => {
    const behind = [actuator.isBehind];
    for (let others = 1; others < 50; others += 1) actuator.submit(resizeOf(pod), false);
    behind.push(actuator.isBehind);
    turn();
    recorded();
    await clock.advance(0);
    expect([...behind, actuator.isBehind]).toEqual([false, true, false]);
  });

  it("for its record goes with its limit alone where the room has gone", async () => {
    turn();
    await clock.advance(1_000);
    world.freeMilli = 40;
    recorded();
    await clock.advance(0);
    expect([sent, dropped]).toEqual([[{ name: "app", requestMilli: 100, limitMilli: 300 }], []]);
  });
});
