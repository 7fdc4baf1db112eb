import { silentLogger, VirtualClock } from "@walras/kit";
import { Store } from "@walras/kube";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";

import { RunKeeper } from "../../act/runKeeper.ts";
import { type BatchJob, toBatchJob } from "./job.ts";
import { completionsOf, Runs } from "./runs.ts";
import { type ScaledJobState, toScaledJob } from "./scaledJob.ts";

const queue = { labelKey: "app", labelValue: "posture-queued" };

/** The cluster: what every controller sees, and what is left when none runs. */
class Cluster {
  readonly jobs = new Map<string, BatchJob>();
  annotation = "";
  readonly controllers = new Set<Controller>();

  scaledJob(uid = "first"): ScaledJobState {
    const triggers = [{ type: "external", metadata: { completions: "2" } }];
    const annotations = this.annotation === "" ? {} : { "walras.io/runs": this.annotation };
    return toScaledJob({ metadata: { uid, namespace: "posture", name: "web", annotations }, spec: { triggers } });
  }

  put(name: string, condition?: string, owner = "first"): void {
    const job = toBatchJob(
      {
        metadata: {
          uid: `uid-${name}`,
          namespace: "posture",
          name,
          labels: { "scaledjob.keda.sh/name": "web" },
          ownerReferences: [{ apiVersion: "keda.sh/v1alpha1", kind: "ScaledJob", uid: owner, controller: true }],
        },
        spec: {},
        status: condition === undefined ? {} : { conditions: [{ type: condition, status: "True" }] },
      },
      queue,
    )!;
    this.jobs.set(job.uid, job);
    for (const { store } of this.controllers) store.put(job);
  }

  /** As KEDA does with a history limit of 0. */
  clean(): void {
    for (const job of this.jobs.values()) if (job.finished) this.remove(job.name);
  }

  remove(name: string): void {
    this.jobs.delete(`uid-${name}`);
    for (const { store } of this.controllers) store.remove(`uid-${name}`);
  }
}

/** One controller's memory of it. */
class Controller {
  readonly store = new Store<BatchJob>();
  readonly scaledJobs = new Store<ScaledJobState>();
  readonly runs = new Runs(this.store, this.scaledJobs);
  readonly clock = new VirtualClock();
  readonly #cluster: Cluster;
  readonly #keeper: RunKeeper;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    cluster.controllers.add(this);
    for (const job of cluster.jobs.values()) this.store.put(job);
    this.#keeper = new RunKeeper({
      scaledJobs: () => [cluster.scaledJob()],
      record: () => this.runs.record(cluster.scaledJob()),
      port: {
        write: (_, record) => {
          cluster.annotation = record;
          return Promise.resolve();
        },
      },
      clock: this.clock,
      logger: silentLogger,
    });
  }

  keep(): Promise<void> {
    return this.#keeper.keep();
  }

  ended(): number {
    return this.runs.ended(this.#cluster.scaledJob());
  }

  die(): void {
    this.#cluster.controllers.delete(this);
  }
}

let cluster: Cluster;

beforeEach(() => {
  cluster = new Cluster();
});

describe("B3: runs of a ScaledJob that is to have so many in all", () => {
  it("are counted as they end, once each, also after the Job is gone", async () => {
    const one = new Controller(cluster);
    cluster.put("a");
    await one.keep();
    expect(one.ended()).toBe(0);
    cluster.put("a", "Complete");
    cluster.put("a", "Complete");
    cluster.put("b", "Failed");
    cluster.remove("a");
    expect(one.ended()).toBe(2);
  });

  it("are still known to a scaler that was restarted, with KEDA's history limit at 0", async () => {
    const one = new Controller(cluster);
    cluster.put("a");
    await one.keep();
    cluster.put("a", "Complete");
    cluster.remove("a");
    cluster.put("b");
    await one.keep();
    one.die();
    // It ends, and KEDA deletes it, while nobody looks.
    cluster.remove("b");
    const two = new Controller(cluster);
    expect(two.ended()).toBe(2);
    await two.keep();
    two.die();
    expect(new Controller(cluster).ended()).toBe(2);
  });

  it("are not counted twice by a standby that saw them as well", async () => {
    const [leader, standby] = [new Controller(cluster), new Controller(cluster)];
    for (const name of ["a", "b", "c"]) {
      cluster.put(name);
      cluster.put(name, "Complete");
      await leader.keep();
      cluster.remove(name);
    }
    leader.die();
    expect(standby.ended()).toBe(3);
    await standby.keep();
    expect(standby.ended()).toBe(3);
  });

  it("are not those of a Job that was deleted before it ended", async () => {
    const one = new Controller(cluster);
    cluster.put("a");
    await one.keep();
    cluster.remove("a");
    expect(one.ended()).toBe(0);
    await one.keep();
    one.die();
    expect(new Controller(cluster).ended()).toBe(0);
  });

  it("begin at zero where the ScaledJob was made anew, or is a copy of another", async () => {
    const one = new Controller(cluster);
    cluster.put("a", "Complete");
    await one.keep();
    expect(cluster.annotation).toContain("first");
    expect(one.runs.ended(cluster.scaledJob("anew"))).toBe(0);
    expect(JSON.parse(one.runs.record(cluster.scaledJob("first")))).toMatchObject({ of: "first", before: 0 });
  });

  it("are an error where the record cannot be read, and written again by who has read it before", async () => {
    const one = new Controller(cluster);
    cluster.put("a", "Complete");
    await one.keep();
    cluster.annotation = "two";
    const field = "scaledjob posture/web.metadata.annotations.walras.io/runs";
    expect(() => new Controller(cluster).ended()).toThrow(`${field}: "two" is not what was written there`);
    expect(one.ended()).toBe(1);
    await one.clock.advance(5_000);
    await one.keep();
    expect(JSON.parse(cluster.annotation)).toMatchObject({ of: "first" });
  });

  it("are as many as there were when thousands are no longer named", async () => {
    const one = new Controller(cluster);
    await one.keep();
    one.ended();
    for (let run = 0; run < 2_500; run += 1) {
      cluster.put(`run-${run}`);
      cluster.put(`run-${run}`, "Complete");
      cluster.remove(`run-${run}`);
    }
    await one.keep();
    expect([one.ended(), cluster.annotation.length < 3_000]).toEqual([2_500, true]);
    one.die();
    expect(new Controller(cluster).ended()).toBe(2_500);
  });

  it("are named as long as their Jobs are there, however long KEDA keeps those", async () => {
    const one = new Controller(cluster);
    for (let run = 0; run < 500; run += 1) {
      cluster.put(`run-${run}`, "Complete");
      await one.keep();
    }
    one.die();
    const two = new Controller(cluster);
    expect(two.ended()).toBe(500);
    cluster.clean();
    await two.keep();
    two.die();
    expect(new Controller(cluster).ended()).toBe(500);
  });

  it("are right for a standby that saw thousands, too", async () => {
    const [leader, standby] = [new Controller(cluster), new Controller(cluster)];
    for (let run = 0; run < 2_000; run += 1) {
      cluster.put(`run-${run}`);
      await leader.keep();
      cluster.put(`run-${run}`, "Complete");
      cluster.remove(`run-${run}`);
    }
    leader.die();
    expect(standby.ended()).toBe(2_000);
  });

  it("are right whoever dies and starts, as long as each beginning was recorded", async () => {
    const steps = fc.array(fc.constantFrom("begin", "end", "clean", "restart", "standby"), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const world = new Cluster();
        let leader = new Controller(world);
        let made = 0;
        let ended = 0;
        const open = (): BatchJob | undefined => [...world.jobs.values()].find(({ finished }) => !finished);
        for (const step of script) {
          const running = open();
          if (step === "begin") world.put(`job-${(made += 1)}`);
          if (step === "end" && running) world.put(running.name, (ended += 1) % 2 === 0 ? "Complete" : "Failed");
          if (step === "clean") world.clean();
          if (step === "standby") void new Controller(world);
          if (step === "restart") {
            leader.die();
            leader = [...world.controllers][0] ?? new Controller(world);
          }
          await leader.keep();
          expect(leader.ended()).toBe(ended);
        }
      }),
    );
  });

  it("are bounded by the trigger's completions", () => {
    const of = (metadata: Record<string, string>): number | null =>
      completionsOf({ namespace: "posture", name: "web", metadata });
    expect([of({}), of({ completions: "1" })]).toEqual([null, 1]);
    expect(() => of({ completions: "one" })).toThrow('metadata.completions: "one" is not a count');
  });
});
