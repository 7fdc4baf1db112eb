import { seededRng, silentLogger, VirtualClock } from "@walras/kit";
import { WriteQueue } from "@walras/kube";
import { beforeEach, expect, it } from "vitest";

import { aPod } from "../../../base/cluster/testing.ts";
import { type AllocationRecord, AllocationRecorder } from "./recorder.ts";

let clock: VirtualClock;
let calls: string[];
let recorder: AllocationRecorder;

const pod = aPod();
const declared = { name: "app", declaredCPURequest: "300m", desiredCPURequest: "30m" };
const spec = {
  namespace: "default",
  podName: "web",
  podUID: pod.uid,
  desiredCPURequest: "30m",
  containers: [declared],
};
const record: AllocationRecord = { pod, spec, status: { phase: "Applied" } };

beforeEach(() => {
  clock = new VirtualClock();
  calls = [];
  const observer = { finished: () => undefined, waiting: () => undefined };
  const around = { clock, rng: seededRng(1), logger: silentLogger };
  const budget = new WriteQueue({ ...around, perSecond: 100, burst: 10, observer });
  const port = {
    applySpec: async (_: unknown, name: string, { containers }: typeof record.spec) =>
      void calls.push(`spec ${name} ${containers?.[0]?.declaredCPURequest}`),
    applyStatus: async (_: unknown, name: string) => void calls.push(`status ${name}`),
    remove: async (_: string, name: string) => void calls.push(`removed ${name}`),
  };
  recorder = new AllocationRecorder(port, budget, clock);
});

async function after(what: () => void): Promise<string[]> {
  calls.length = 0;
  what();
  await clock.advance(1_000);
  return [...calls];
}

const whole = ["spec default-web 300m", "status default-web"];

it("a record that somebody deletes is written again, though nothing is new to say", async () => {
  expect(await after(() => recorder.record(record))).toEqual(whole);
  expect(await after(() => recorder.record(record))).toEqual([]);
  recorder.lost(pod.uid);
  expect(await after(() => recorder.record(record))).toEqual(whole);
});

it("one that was removed because its pod is not managed any more is not written again", async () => {
  await after(() => recorder.record(record));
  expect(await after(() => recorder.remove(pod))).toEqual(["removed default-web"]);
  expect(await after(() => recorder.lost(pod.uid))).toEqual([]);
});

it("a resize waits for the record again after that was deleted", async () => {
  await after(() => recorder.record(record));
  calls.length = 0;
  recorder.lost(pod.uid);
  await expect(recorder.recordFirst(pod)).rejects.toThrow("nothing is known to record");
  recorder.record(record);
  await recorder.recordFirst(pod);
  expect(calls).toContain("spec default-web 300m");
});
