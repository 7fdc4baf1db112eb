import { silentLogger, VirtualClock } from "@walras/kit";
import { expect, it, onTestFinished } from "vitest";

import type { Releaser } from "../act/releaser.ts";
import { readTexts } from "../config/testing/readTexts.ts";
import { Recollection } from "./recollection.ts";
import { ReleaseScheduler } from "./scheduler.ts";
import type { Tick } from "./tick.ts";

/** A scheduler, the seconds at which it has ticked, and what a test may change. */
async function scheduled(): Promise<{
  clock: VirtualClock;
  ticks: number[];
  world: { leads: boolean; due: boolean; seconds: number };
}> {
  const clock = new VirtualClock(Date.UTC(2026, 5, 1));
  const begunMs = clock.monotonicMs();
  const ticks: number[] = [];
  const world = { leads: false, due: false, seconds: 30 };
  const tick = {
    run: () => {
      ticks.push((clock.monotonicMs() - begunMs) / 1000);
      world.due = false;
      return Promise.resolve();
    },
    isDue: () => world.due,
  };
  const releaser = {
    inFlight: () => [],
    follow: () => undefined,
    stop: () => Promise.resolve(),
  };
  const recollection = new Recollection(() => Promise.resolve(), { clock, logger: silentLogger });
  await recollection.attempt();
  const scheduler = new ReleaseScheduler({
    tick: tick as unknown as Tick,
    releaser: releaser as unknown as Releaser,
    pacing: { look: () => undefined },
    recollection,
    config: () => readTexts(`tick: {seconds: ${world.seconds}}`),
    mayAct: () => world.leads,
    onFollowed: () => undefined,
    clock,
    logger: silentLogger,
  });
  await scheduler.start();
  onTestFinished(() => scheduler.stop());
  return { clock, ticks, world };
}

it("the first tick is as soon as it leads, and the next an interval later", async () => {
  const { clock, ticks, world } = await scheduled();
  await clock.advance(2_500);
  expect(ticks).toEqual([]);
  world.leads = true;
  await clock.advance(35_000);
  expect(ticks).toEqual([3, 33]);
  world.leads = false;
  await clock.advance(60_000);
  world.leads = true;
  await clock.advance(2_000);
  expect(ticks).toEqual([3, 33, 98]);
});

it("a tick is not waited for by what was not known and now is", async () => {
  const { clock, ticks, world } = await scheduled();
  world.leads = true;
  await clock.advance(5_000);
  world.due = true;
  await clock.advance(5_000);
  expect(ticks).toEqual([1, 6]);
});

it("R7: another interval counts at once, not when the one before is over", async () => {
  const { clock, ticks, world } = await scheduled();
  Object.assign(world, { leads: true, seconds: 3_600 });
  await clock.advance(10_000);
  const before = ticks.length;
  world.seconds = 10;
  await clock.advance(25_000);
  expect(ticks.slice(before)).toEqual([11, 21, 31]);
});
