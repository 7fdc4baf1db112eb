import { silentLogger, VirtualClock } from "@walras/kit";
import { beforeEach, describe, expect, it } from "vitest";

import { NotKnown } from "../decide/notKnown.ts";
import { SlotAllocator } from "../slots/allocator.ts";
import { defaultSlotPolicy } from "../decide/policy.ts";
import { type QueuedJob, QueueReleaser } from "./releaser.ts";

const owner = "posture/app=posture-queued";

let clock: VirtualClock;
let jobs: Map<string, QueuedJob>;
let ledger: SlotAllocator;
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
  ledger = new SlotAllocator({
    view: {
      stale: () => (refuses === null ? [] : [refuses]),
      nodes: () =>
        free.map((name) => ({
          name,
          labels: { "posture/eligible": "true" },
          ready: true,
          unschedulable: false,
          taints: [],
          allocatable: "",
        })),
      jobs: () => jobs.values(),
      pods: () => [],
      madeOf: () => undefined,
    },
    telemetry: { cpu: () => ({ busyFraction: 0.1, ageMs: 0 }), trouble: () => null },
    demand: {
      wanted: () => {
        throw new NotKnown("nobody asks");
      },
      scaling: () => undefined,
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
        const patched = { ...job, suspended: false, generation: job.generation + 1 };
        if (!slow) put(patched);
        return Promise.resolve(patched.generation);
      },
    },
    onReleased: () => undefined,
    clock,
    logger: silentLogger,
  });
});

function put(job: QueuedJob): void {
  jobs.set(job.uid, job);
  ledger.hear({ type: "updated", item: job });
}

function queue(...names: string[]): void {
  names.forEach((name, index) =>
    put({
      uid: name,
      namespace: "posture",
      name,
      owner,
      suspended: true,
      finished: false,
      ending: false,
      deadlineMs: null,
      generation: 1,
      createdAtMs: index,
    }),
  );
}

const running = (): string[] =>
  [...jobs.values()].filter(({ suspended, finished }) => !suspended && !finished).map(({ name }) => name);

function finish(name: string): void {
  put({ ...jobs.get(name)!, finished: true });
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
    for (const name of ["a", "b"]) put({ ...jobs.get(name)!, suspended: false, generation: 2 });
    await pass(2);
    expect(running()).toEqual(["a", "b"]);
  });

  it("is released at once when its user suspends it again before the next look", async () => {
    queue("a");
    await releaser.release();
    const released = jobs.get("a")!;
    put({ ...released, suspended: true, generation: released.generation + 1 });
    await pass(1);
    expect(running()).toEqual(["a"]);
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
