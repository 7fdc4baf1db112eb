import { VirtualClock } from "@walras/kit";

import type { ScaledRef } from "../../decide/asker.ts";
import type { SlotJob, SlotPod } from "../../decide/job.ts";
import { NotKnown } from "../../decide/notKnown.ts";
import { defaultSlotPolicy, type SlotPolicy } from "../../decide/policy.ts";
import { defaultScaling, type Scaling } from "../../decide/scaling.ts";
import type { NodeCpu, SlotNode } from "../../decide/slot.ts";
import { SlotAllocator } from "../allocator.ts";
import type { StrandedJob } from "../stranded.ts";

const one: Scaling = { ...defaultScaling, maxReplicas: 1 };

/** A cluster that a test moves by hand. */
export class World {
  readonly clock = new VirtualClock();
  readonly nodes = new Map<string, SlotNode>();
  readonly cpus = new Map<string, NodeCpu>();
  readonly jobs = new Map<string, SlotJob>();
  readonly pods = new Map<string, SlotPod>();
  readonly wanted = new Map<string, number>();
  /** By name; those that are not there may have one job. Null: there is no such ScaledJob. */
  readonly scalings = new Map<string, Scaling | null>();
  /** Generations by name; 1 where not there. */
  readonly generations = new Map<string, number>();
  readonly stranded: StrandedJob[] = [];
  stale: string[] = [];
  trouble: string | null = null;
  #order = 0;
  #ledger: SlotAllocator | null = null;

  ledger(policy: Partial<SlotPolicy> = {}): SlotAllocator {
    this.#ledger = new SlotAllocator({
      view: {
        stale: () => this.stale,
        nodes: () => this.nodes.values(),
        jobs: () => this.jobs.values(),
        pods: () => this.pods.values(),
        madeOf: (owner) => (owner.includes("=") ? undefined : String(this.generations.get(owner.slice(8)) ?? 1)),
      },
      telemetry: { cpu: (node) => this.cpus.get(node) ?? null, trouble: () => this.trouble },
      demand: {
        wanted: ({ name }) => {
          const wanted = this.wanted.get(name) ?? Infinity;
          if (Number.isNaN(wanted)) throw new NotKnown("demand is not known");
          return wanted;
        },
        scaling: ({ name }) => {
          const scaling = this.scalings.get(name);
          return scaling === undefined ? one : (scaling ?? undefined);
        },
      },
      onStranded: (stranded) => this.stranded.push(stranded),
      policy: { ...defaultSlotPolicy, ...policy },
      clock: this.clock,
    });
    for (const job of this.jobs.values()) this.#ledger.hear({ type: "added", item: job });
    return this.#ledger;
  }

  addNode(name: string, busyFraction: number | null, given: Partial<SlotNode> = {}): void {
    const labels = { "posture/eligible": "true" };
    this.nodes.set(name, { name, labels, ready: true, unschedulable: false, taints: [], allocatable: "", ...given });
    if (busyFraction !== null) this.cpus.set(name, { busyFraction, ageMs: 500 });
  }

  addJob(owner: string, given: Partial<SlotJob> = {}): SlotJob {
    const uid = `job-${(this.#order += 1)}`;
    const job = {
      uid,
      namespace: "posture",
      name: uid,
      owner: `posture/${owner}`,
      suspended: false,
      finished: false,
      ending: false,
      deadlineMs: null,
      createdAtMs: 0,
      ...given,
    };
    this.jobs.set(uid, job);
    this.#ledger?.hear({ type: "added", item: job });
    return job;
  }

  delete(job: SlotJob): void {
    this.jobs.delete(job.uid);
    this.pods.delete(job.uid);
    this.#ledger?.hear({ type: "deleted", item: job });
  }

  /** @param node "": it is on none yet */
  bind(job: SlotJob, node: string, given: Partial<SlotPod> = {}): void {
    this.pods.set(job.uid, {
      uid: `pod-${job.uid}`,
      namespace: "posture",
      name: job.name,
      jobUid: job.uid,
      node,
      ended: false,
      started: node !== "",
      conditions: [],
      waitsFor: "",
      createdAtMs: 0,
      ...given,
    });
  }

  finish(job: SlotJob): void {
    const item = { ...job, finished: true };
    this.jobs.set(job.uid, item);
    this.#ledger?.hear({ type: "updated", item });
    const pod = this.pods.get(job.uid);
    if (pod) this.pods.set(job.uid, { ...pod, ended: true });
  }
}

export const ref = (name: string, metadata: ScaledRef["metadata"] = {}): ScaledRef => ({
  namespace: "posture",
  name,
  metadata,
});
