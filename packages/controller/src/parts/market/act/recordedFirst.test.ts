import type { PodAllocationSpec } from "@walras/api";
import { seededRng, silentLogger, VirtualClock } from "@walras/kit";
import { KubeError, WriteQueue } from "@walras/kube";
import { beforeEach, expect, it } from "vitest";

import { NodeRoom } from "../../../base/access/room.ts";
import type { PodState } from "../../../base/cluster/pod.ts";
import { aPod } from "../../../base/cluster/testing.ts";
import { AllocationRecorder } from "../explain/recorder.ts";
import { ResizeActuator } from "./actuator.ts";
import { ResizeLog } from "./log.ts";
import { QuotaRoom } from "./quotaRoom.ts";
import { resizeTo } from "./resize.ts";

let clock: VirtualClock;
let calls: string[];
let room: NodeRoom;
let recorder: AllocationRecorder;
let actuator: ResizeActuator;
/** What the API server says to a record. */
let answer: () => Promise<void>;

const pod: PodState = aPod();
const resize = resizeTo(pod, [{ name: "app", requestMilli: 150, limitMilli: 300 }], "market");
const spec = { namespace: "default", podName: "web", podUID: pod.uid, desiredCPURequest: "150m", containers: [] };

beforeEach(() => {
  clock = new VirtualClock();
  calls = [];
  room = new NodeRoom();
  answer = () => Promise.resolve();
  const observer = { finished: () => undefined, waiting: () => undefined };
  const around = { clock, rng: seededRng(1), logger: silentLogger };
  const budget = new WriteQueue({ ...around, perSecond: 100, burst: 10, observer });
  const applySpec = async (): Promise<void> => {
    calls.push("record asked");
    await answer();
    calls.push("recorded");
  };
  const done = (): Promise<void> => Promise.resolve();
  recorder = new AllocationRecorder({ applySpec, applyStatus: done, remove: done }, budget, clock);
  actuator = new ResizeActuator({
    ...around,
    port: { resize: () => Promise.resolve(calls.push("resized")) },
    budget,
    log: new ResizeLog(),
    room,
    quotas: new QuotaRoom(clock),
    podNow: () => pod,
    freeMilliFor: () => 1000,
    recordFirst: (one) => recorder.recordFirst(one),
    isWanted: () => true,
    mayWrite: () => true,
    observer: {
      resized: () => undefined,
      refused: (_, reason) => calls.push(`told ${reason}`),
      dropped: (reason) => calls.push(`dropped ${reason}`),
    },
  });
});

function act(): void {
  if (resize) actuator.submit(resize, false);
}

it("a pod's first resize waits for the record of what it declared, which is written once", async () => {
  let recorded = (): void => undefined;
  answer = () => new Promise((resolve) => (recorded = resolve));
  recorder.record({ pod, spec, status: {} });
  act();
  await clock.advance(100);
  expect(calls).toEqual(["record asked"]);
  recorded();
  await clock.advance(100);
  expect(calls).toEqual(["record asked", "recorded", "resized"]);
});

it("where the record is refused there is no resize, its room is given back, and somebody is told", async () => {
  answer = () => Promise.reject(new KubeError("no rights", { status: 403, reason: "Forbidden" }));
  recorder.record({ pod, spec, status: {} });
  act();
  await clock.advance(1_000);
  expect(calls.filter((call) => call !== "record asked")).toEqual(["told Forbidden"]);
  expect(room.held(pod.node).size).toBe(0);
});

it("nothing is resized that nothing is known to record of; what is given back is on record already", async () => {
  act();
  await clock.advance(100);
  expect(calls).not.toContain("resized");
  const back = resizeTo(pod, [{ name: "app", requestMilli: 50, limitMilli: 100 }], "release");
  if (back) actuator.submit(back, false);
  await clock.advance(100);
  expect(calls).toEqual(["resized"]);
});

it("what its owner declares anew is on record before the next resize, also while an older record is on its way", async () => {
  const declaring = (declaredCPURequest: string): PodAllocationSpec => ({
    ...spec,
    containers: [{ name: "app", declaredCPURequest, desiredCPURequest: "150m" }],
  });
  let recorded = (): void => undefined;
  answer = () => new Promise((resolve) => (recorded = resolve));
  recorder.record({ pod, spec: declaring("100m"), status: {} });
  await clock.advance(100);
  answer = () => Promise.resolve();
  recorder.record({ pod, spec: declaring("800m"), status: {} });
  act();
  await clock.advance(100);
  expect(calls).not.toContain("resized");
  recorded();
  await clock.advance(100);
  expect(calls.filter((call) => call === "recorded").length).toBeGreaterThan(1);
  expect(calls.at(-1)).toBe("resized");
  calls.length = 0;
  await recorder.recordFirst(pod);
  expect(calls).toEqual([]);
});
