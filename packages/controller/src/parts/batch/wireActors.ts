import type { Runnable } from "@walras/kit";

import { gatedWrites } from "../../base/access/gate.ts";
import { rankEveryMs, Ranker, rankPort } from "./act/ranker.ts";
import { queuePort, QueueReleaser, releaseEveryMs } from "./act/releaser.ts";
import { evictionPort, Reliever, relieveEveryMs } from "./act/reliever.ts";
import { RunKeeper, keepRunsEveryMs, runPort } from "./act/runKeeper.ts";
import { runsAnnotation, scaledJobResource } from "./observe/cluster/scaledJob.ts";
import type { BatchJob } from "./observe/cluster/job.ts";
import type { SlotAllocator } from "./slots/allocator.ts";
import type { Needs } from "./needs.ts";

/** Those who write: labels, releases, evictions. */
export function wireActors(needs: Needs, slots: SlotAllocator): readonly Runnable[] {
  const { flags, base, gate } = needs;
  const ranker = wireRanker(needs, slots);
  const releaser = wireReleaser(needs, slots);
  const reliever = wireReliever(needs, slots);
  const keeper = wireKeeper(needs);
  const rank = base.repeating("ranks", rankEveryMs, () => (gate.mayAct() ? ranker.rank() : undefined));
  const release = base.repeating("queue", releaseEveryMs, () => (gate.mayAct() ? releaser.release() : undefined));
  const runs = base.repeating("runs", keepRunsEveryMs, () => (gate.mayAct() ? keeper.keep() : undefined));
  // It looks on while another leads, so that an overload does not begin anew with each leader.
  const relieve = base.repeating("overload relief", relieveEveryMs, () => reliever.relieve());
  return [...(flags.batchRank ? [rank] : []), release, runs, ...(flags.batchEvict ? [relieve] : [])];
}

function wireRanker({ flags, around, base, stores, gate }: Needs, slots: SlotAllocator): Ranker {
  const writes = gatedWrites(base.writes, gate);
  return new Ranker({
    ...around,
    slots: () => slots.slots(),
    node: (name) => stores.nodeStore.named("", name),
    takes: flags.batchRankTake,
    port: rankPort(base.transport, flags.batchRankTake),
    enqueue: (write) => writes.enqueue(write),
  });
}

function wireReleaser(
  { flags, around, base, metrics, stores, gate, announcer }: Needs,
  slots: SlotAllocator,
): QueueReleaser {
  return new QueueReleaser({
    ...around,
    ledger: slots,
    suspended: () => [...stores.jobs()].filter((job) => waitsInQueue(job, flags.batchNamespace)),
    port: queuePort(base.transport, gatedWrites(base.writes, gate)),
    onReleased: (job) => {
      metrics.jobsReleased.inc();
      announcer.released(job);
    },
  });
}

function wireKeeper({ around, base, stores, runs, gate }: Needs): RunKeeper {
  const where = { resource: scaledJobResource, annotation: runsAnnotation };
  return new RunKeeper({
    ...around,
    scaledJobs: () => [...stores.scaledJobs.values()].filter(({ counted }) => counted),
    record: ({ uid }) => {
      const scaledJob = stores.scaledJobs.get(uid);
      return scaledJob ? runs.record(scaledJob) : "";
    },
    port: runPort(base.transport, gatedWrites(base.writes, gate), where),
  });
}

function wireReliever(
  { flags, around, base, metrics, policy, stores, gate, announcer }: Needs,
  slots: SlotAllocator,
): Reliever {
  return new Reliever({
    ...around,
    mayAct: gate.mayAct,
    slots: () => slots.slots(),
    pods: () => stores.evictable((owner) => slots.asked(owner)),
    policy: { cpuThreshold: policy.cpuThreshold, overloadMs: flags.batchEvictAfter * 1000 },
    port: evictionPort(base.transport, gatedWrites(base.writes, gate)),
    onEvicted: (pod, node) => {
      metrics.jobsEvicted.inc();
      announcer.evicted(pod, node);
    },
  });
}

/** @param only the namespace whose Jobs are released; undefined: all of them */
function waitsInQueue({ queued, suspended, finished, namespace }: BatchJob, only: string | undefined): boolean {
  return queued && suspended && !finished && (only === undefined || only === namespace);
}
