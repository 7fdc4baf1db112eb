import { expect, test } from "vitest";

import { VirtualClock } from "./clock.ts";
import { silentLogger } from "./logger.ts";
import { Polled } from "./polled.ts";

interface Rig {
  readonly clock: VirtualClock;
  readonly polled: Polled<number>;
  answer: (signal: AbortSignal) => Promise<number>;
}

function rig(): Rig {
  const clock = new VirtualClock();
  const made: Rig = {
    clock,
    answer: () => Promise.resolve(1),
    polled: new Polled({
      name: "somebody",
      ask: (signal) => made.answer(signal),
      everyMs: 5000,
      deadlineMs: 4000,
      freshMs: 12_000,
      clock,
      logger: silentLogger,
    }),
  };
  return made;
}

test("knows the last answer and its age, and nothing before the first", async () => {
  const { clock, polled } = rig();
  expect([polled.last(), polled.trouble()]).toEqual([null, "somebody: not asked yet"]);
  await polled.start();
  await clock.advance(2000);
  expect([polled.fresh(), polled.trouble()]).toEqual([{ value: 1, ageMs: 2000 }, null]);
});

test("an answer that is too old is none, and why is told; the old one stays to be looked at", async () => {
  const made = rig();
  await made.polled.start();
  made.answer = () => Promise.reject(new Error("it is away"));
  await made.clock.advance(13_000);
  expect([made.polled.fresh(), made.polled.trouble()]).toEqual([null, "somebody: it is away"]);
  expect(made.polled.last()).toEqual({ value: 1, ageMs: 13_000 });
  made.answer = () => Promise.resolve(2);
  await made.clock.advance(5000);
  expect([made.polled.fresh()?.value, made.polled.trouble()]).toEqual([2, null]);
});

test("one that answers nothing and hears no signal is left behind, and asked again", async () => {
  const made = rig();
  made.answer = () => new Promise(() => undefined);
  const started = made.polled.start();
  await made.clock.advance(0);
  await made.clock.advance(4000);
  await started;
  expect(made.polled.trouble()).toBe("somebody: no answer in 4 s");
  made.answer = () => Promise.resolve(3);
  await made.clock.advance(5000);
  expect(made.polled.fresh()?.value).toBe(3);
});

test("stops while somebody is asked", async () => {
  const made = rig();
  made.answer = () => new Promise(() => undefined);
  void made.polled.start();
  await made.clock.advance(0);
  await made.polled.stop();
  expect(made.polled.trouble()).toBe("somebody: not asked yet");
});
