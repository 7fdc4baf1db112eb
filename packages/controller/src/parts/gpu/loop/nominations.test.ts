import { VirtualClock } from "@walras/kit";
import { beforeEach, expect, it } from "vitest";

import type { Nomination } from "../decide/preempt/nomination.ts";
import { schedPodOf } from "../decide/preempt/testing.ts";
import type { SchedPod } from "../decide/schedule/pod.ts";
import { Nominations } from "./nominations.ts";

let clock: VirtualClock;
let nominations: Nominations;
let pods: Map<string, SchedPod>;

const [urgent, victim] = [schedPodOf("urgent"), schedPodOf("victim", { node: "n" })];
const nomination: Nomination = { pod: urgent, node: "n", devices: [], victims: [victim], by: "priority" };
const room = { made: [[nomination]], kept: new Set<string>(), displaced: [] };
const settle = (): void => nominations.settle((uid) => pods.get(uid));

beforeEach(() => {
  clock = new VirtualClock();
  nominations = new Nominations(clock);
  pods = new Map([urgent, victim].map((pod) => [pod.uid, pod]));
  nominations.renew(room, [urgent]);
});

it("wait for who leaves, and 90 s longer, since agents may still tell of him", async () => {
  await clock.advance(600_000);
  settle();
  expect([nominations.waits("urgent"), nominations.isOver("urgent")]).toEqual([true, false]);
  pods.delete("victim");
  settle();
  await clock.advance(89_000);
  expect(nominations.waits("urgent")).toBe(true);
  await clock.advance(2_000);
  settle();
  expect([nominations.waits("urgent"), nominations.isOver("urgent")]).toEqual([false, true]);
});

it("end where the pod has its place, is gone, or was decided about without one", () => {
  pods.set("urgent", { ...urgent, node: "n" });
  settle();
  expect(nominations.has("urgent")).toBe(false);
  nominations.renew(room, [urgent]);
  nominations.renew({ ...room, made: [], kept: new Set(["urgent"]) }, [urgent]);
  expect(nominations.has("urgent")).toBe(true);
  nominations.renew({ ...room, made: [] }, [urgent]);
  expect([nominations.has("urgent"), [...nominations.going]]).toEqual([false, []]);
});

it("leave who was not let go alone for half a minute", async () => {
  nominations.forget(nomination);
  expect([nominations.has("urgent"), [...nominations.spared]]).toEqual([false, ["victim"]]);
  await clock.advance(31_000);
  expect([...nominations.spared]).toEqual([]);
});
