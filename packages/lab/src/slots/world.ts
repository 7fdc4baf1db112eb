import type { Rng } from "@walras/kit";

/** A node of the slots' world. */
export interface WorldNode {
  readonly name: string;
  /** CPU that others use, 0..1; walks at random. */
  base: number;
  /** Measured over 30 s, its jobs included. */
  measured: number;
  job: WorldJob | null;
}

/** A Job from its creation to its end. */
export interface WorldJob {
  readonly uid: string;
  readonly owner: string;
  node: WorldNode | null;
  /** Seconds that it still runs, once it is bound. */
  left: number;
  finished: boolean;
}

/** What must never be, counted; and what is used of what could be. */
export interface WorldTally {
  /** Jobs bound to a node that had one. */
  crowded: number;
  /** Jobs bound to a node at or above the threshold. */
  onBusy: number;
  /** Seconds that jobs waited for a node. */
  pendingSeconds: number;
  /** Σ over seconds of jobs that run. */
  used: number;
  /** Σ over seconds of nodes that run a job or could. */
  possible: number;
  finished: number;
}

const jobCpu = 0.35;
/** Samples of 1 s in the average of 30 s. */
const memory = 1 / 30;

/** Nodes whose other load walks at random, and a scheduler that binds jobs as their affinity asks. One step is a second. */
export class SlotWorld {
  readonly nodes: readonly WorldNode[];
  readonly jobs = new Map<string, WorldJob>();
  readonly tally: WorldTally = { crowded: 0, onBusy: 0, pendingSeconds: 0, used: 0, possible: 0, finished: 0 };
  readonly #rng: Rng;
  readonly #threshold: number;
  #order = 0;

  constructor(count: number, threshold: number, rng: Rng) {
    this.#rng = rng;
    this.#threshold = threshold;
    this.nodes = Array.from({ length: count }, (_, index) => {
      const base = rng() * 0.9;
      return { name: `node-${index}`, base, measured: base, job: null };
    });
  }

  unfinished(owner: string): number {
    let count = 0;
    for (const job of this.jobs.values()) if (job.owner === owner && !job.finished) count += 1;
    return count;
  }

  create(owner: string): WorldJob {
    const uid = `job-${(this.#order += 1)}`;
    const job: WorldJob = { uid, owner, node: null, left: 60 + Math.floor(this.#rng() * 120), finished: false };
    this.jobs.set(uid, job);
    return job;
  }

  /** @param rank nodes in the order of preference; those left out are taken last */
  step(rank: readonly string[]): void {
    this.#bind(rank);
    this.#walk();
    this.#run();
  }

  #walk(): void {
    for (const node of this.nodes) {
      node.base = Math.min(0.95, Math.max(0.02, node.base + (this.#rng() - 0.5) * 0.04));
      const now = Math.min(1, node.base + (node.job ? jobCpu : 0));
      node.measured += (now - node.measured) * memory;
    }
  }

  /** Required: no other job there. Preferred: the rank. */
  #bind(rank: readonly string[]): void {
    const places = new Map(rank.map((name, index) => [name, index]));
    const order = this.nodes.toSorted(
      (one, other) => (places.get(one.name) ?? Infinity) - (places.get(other.name) ?? Infinity) || 0,
    );
    for (const job of this.jobs.values()) {
      if (job.node || job.finished) continue;
      const node = order.find((one) => one.job === null);
      if (!node) {
        this.tally.pendingSeconds += 1;
        continue;
      }
      if (node.measured >= this.#threshold) this.tally.onBusy += 1;
      job.node = node;
      node.job = job;
    }
  }

  #run(): void {
    for (const node of this.nodes) {
      const { job } = node;
      if (job || node.measured < this.#threshold) this.tally.possible += 1;
      if (!job) continue;
      this.tally.used += 1;
      job.left -= 1;
      if (job.left > 0) continue;
      job.finished = true;
      this.jobs.delete(job.uid);
      node.job = null;
      this.tally.finished += 1;
    }
  }
}
