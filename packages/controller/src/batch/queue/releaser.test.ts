import { silentLogger, VirtualClock } from "@walras/kit";
import { beforeEach, describe, expect, it } from "vitest";

import { ScalerUnavailable } from "../scaler/port.ts";
import type { SlotJob } from "../slots/job.ts";
import { SlotLedger } from "../slots/ledger.ts";
import { defaultSlotPolicy } from "../slots/policy.ts";
import { QueueReleaser } from "./releaser.ts";

const owner = "posture/app=posture-queued";

let clock: VirtualClock;
let jobs: Map<string, SlotJob>;
let free: string[];
let refuses: string | null;
let releaser: QueueReleaser;
let slow: boolean;

beforeEach(() => {
  clock = new VirtualClock();
  jobs = new Map();
  free = ["n1", "n2"];
  refuses = null;
  slow = false;
  const ledger = new SlotLedger({
    view: {
      stale: () => (refuses === null ? [] : [refuses]),
      nodes: () =>
        free.map((name) => ({
          name,
          labels: { "posture/eligible": "true" },
          ready: true,
          unschedulable: false,
          taints: [],
        })),
      jobs: () => jobs.values(),
      pods: () => [],
    },
    telemetry: { cpu: () => ({ busyFraction: 0.1, ageMs: 0 }), trouble: () => null },
    demand: {
      wanted: () => {
        throw new ScalerUnavailable("nobody asks");
      },
      most: () => 1,
    },
    policy: defaultSlotPolicy,
    clock,
  });
  releaser = new QueueReleaser({
    ledger,
    suspended: () => [...jobs.values()].filter(({ suspended }) => suspended),
    port: {
      release: (job) => {
        if (job.name === "broken") return Promise.reject(new Error("admission webhook denied"));
        if (!slow) jobs.set(job.uid, { ...job, suspended: false });
        return Promise.resolve();
      },
    },
    mayAct: () => true,
    onReleased: () => undefined,
    clock,
    logger: silentLogger,
  });
});

function queue(...names: string[]): void {
  names.forEach((name, index) =>
    jobs.set(name, {
      uid: name,
      namespace: "posture",
      name,
      owner,
      suspended: true,
      finished: false,
      createdAtMs: index,
    }),
  );
}

const running = (): string[] =>
  [...jobs.values()].filter(({ suspended, finished }) => !suspended && !finished).map(({ name }) => name);

function finish(name: string): void {
  jobs.set(name, { ...jobs.get(name)!, finished: true });
}

async function pass(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    await releaser.release();
    await clock.advance(1_000);
  }
}

describe("the queue", () => {
  it("is released oldest first, as many as there are slots, then one for each that ends", async () => {
    queue("a", "b", "c", "d");
    await pass(3);
    expect(running()).toEqual(["a", "b"]);
    finish("a");
    await pass(2);
    expect(running()).toEqual(["b", "c"]);
  });

  it("is not released twice while the watch has not told yet", async () => {
    queue("a", "b", "c", "d");
    slow = true;
    await pass(10);
    slow = false;
    for (const name of ["a", "b"]) jobs.set(name, { ...jobs.get(name)!, suspended: false });
    await pass(2);
    expect(running()).toEqual(["a", "b"]);
  });

  it("holds while something is not known, and goes on after", async () => {
    queue("a");
    refuses = "pods";
    await pass(5);
    expect(running()).toEqual([]);
    refuses = null;
    await pass(1);
    expect(running()).toEqual(["a"]);
  });

  it("is not stopped by a job that cannot be released", async () => {
    queue("broken", "a", "b");
    free = ["n1", "n2", "n3"];
    await pass(2);
    expect(running()).toEqual(["a", "b"]);
  });
});
