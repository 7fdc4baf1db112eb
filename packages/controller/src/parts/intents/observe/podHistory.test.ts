import { beforeEach, expect, it } from "vitest";

import type { IntentPod } from "./objects/pod.ts";
import { PodHistory } from "./podHistory.ts";
import { condition, GivenCluster } from "./testing.ts";

let cluster: GivenCluster;
let history: PodHistory;

beforeEach(() => {
  cluster = new GivenCluster();
  history = new PodHistory(cluster.stores.pods);
});

const born = { creationTimestamp: new Date(0).toISOString() };
const at = (seconds: number): string => new Date(seconds * 1_000).toISOString();

function pod(name: string): IntentPod {
  const found = cluster.stores.pods.named("shop", name);
  if (found === undefined) throw new Error(`no pod ${name}`);
  return found;
}

function becomes(ready: boolean, seconds: number, containerStatuses: readonly object[] = []): void {
  const status = { conditions: [condition(ready, seconds * 1_000)], containerStatuses };
  cluster.pod("shop/a", "web", { metadata: born, status });
}

/** A container that ended and was started again. */
const restarted = (finished: number, started: number): object => ({
  name: "app",
  restartCount: 1,
  lastState: { terminated: { finishedAt: at(finished) } },
  state: { running: { startedAt: at(started) } },
});

const after = (seconds: number): number => history.availabilityOf(pod("a"), seconds * 1_000);

it("is whole while nothing has failed, also while it starts", () => {
  becomes(false, 0);
  expect([after(60), history.size]).toEqual([1, 0]);
  becomes(true, 60);
  expect([after(100), history.size]).toEqual([1, 0]);
});

it("is MTBF / (MTBF + MTTR), by namespace and name", () => {
  becomes(true, 0);
  becomes(false, 100);
  // One failure: 100 s until it, 100 s since.
  expect(after(200)).toBeCloseTo(0.5);
  becomes(true, 200);
  becomes(false, 800);
  becomes(true, 900);
  // Two failures in 1,000 s, of which 200 s were down: 400 s between, 100 s to repair.
  expect(after(1_000)).toBeCloseTo(400 / 500);
  cluster.pod("other/a", "web", { metadata: born });
  expect(history.availabilityOf(cluster.stores.pods.named("other", "a") ?? pod("a"), 1_000_000)).toBe(1);
});

it("counts a container that was gone and the pod that was not ready meanwhile once", () => {
  becomes(true, 0);
  becomes(false, 100);
  becomes(true, 150, [restarted(100, 140)]);
  expect(after(1_000)).toBeCloseTo(0.95);
  becomes(true, 150, [restarted(100, 140)]);
  expect(after(1_000)).toBeCloseTo(0.95);
});

it("knows of a restart before it looked, and of one that was over before it was told", () => {
  becomes(true, 0, [restarted(40, 50)]);
  expect(after(100)).toBeCloseTo(0.9);
  becomes(true, 0, [restarted(60, 80)]);
  expect(after(100)).toBeCloseTo(0.7);
});

it("takes a pod that had restarted and is not ready for failing", () => {
  becomes(false, 50, [restarted(40, 45)]);
  expect(after(100)).toBeCloseTo((100 - 5 - 50) / 100);
});

it("forgets pods that are gone", () => {
  becomes(true, 0, [restarted(40, 50)]);
  expect(history.size).toBe(1);
  cluster.remove("shop/a");
  expect(history.size).toBe(0);
});

it("remembers no more pods than there may be", () => {
  for (let index = 0; index < 20_010; index += 1)
    cluster.pod(`shop/p-${index}`, "web", { metadata: born, status: { containerStatuses: [restarted(1, 2)] } });
  expect(history.size).toBe(20_000);
});
