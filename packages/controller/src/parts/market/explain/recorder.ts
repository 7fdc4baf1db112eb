import type { PodAllocationSpec, PodAllocationStatus } from "@walras/api";
import type { Clock } from "@walras/kit";

import { type AllocationState, allocationName } from "../observe/allocation.ts";
import { areSameGists, canonicalSpec, type Gist, gistOf } from "../observe/gist.ts";
import { writePriority } from "../../../base/access/priorities.ts";
import type { PodState } from "../../../base/cluster/pod.ts";
import { areNews } from "./saying.ts";

/** Where PodAllocations are written. */
export interface AllocationPort {
  applySpec(pod: PodState, name: string, spec: PodAllocationSpec): Promise<void>;
  applyStatus(pod: PodState, name: string, status: PodAllocationStatus): Promise<void>;
  remove(namespace: string, name: string): Promise<void>;
}

/** The budget of writes: bounded, newest wins, lower priorities first. */
interface WriteBudget {
  /** How many writes wait for their turn. */
  readonly length: number;
  enqueue(write: { readonly key: string; readonly priority: number; readonly write: () => Promise<void> }): void;
}

/** What a pod's PodAllocation should say. */
export interface AllocationRecord {
  readonly pod: PodState;
  readonly spec: PodAllocationSpec;
  /** null: it is about to change, and what is on record stands until then. */
  readonly status: PodAllocationStatus | null;
}

/** What is to be on record of a pod. */
interface Wanted extends AllocationRecord {
  readonly gist: Gist;
}

/** What is on record of a pod. */
interface Written {
  gist: Gist;
  statusAtMs: number;
}

/** What is recorded waits in memory, and the budget drops what is too much: some minutes of writes are enough. */
const mostWaiting = 5_000;

const nothing: Gist = { spec: "", declared: "", status: "", numbers: [] };

/** Keeps PodAllocations in step with decisions, writing only what tells something new. */
export class AllocationRecorder {
  readonly #port: AllocationPort;
  readonly #budget: WriteBudget;
  readonly #clock: Clock;
  readonly #written = new Map<string, Written>();
  readonly #wanted = new Map<string, Wanted>();
  /** Specs on their way: who needs one waits for it. */
  readonly #writing = new Map<string, Promise<void>>();

  constructor(port: AllocationPort, budget: WriteBudget, clock: Clock) {
    this.#port = port;
    this.#budget = budget;
    this.#clock = clock;
  }

  /** Whether so much waits to be written that whatever can be told later is not to be recorded now. */
  get isFull(): boolean {
    return this.#budget.length >= mostWaiting;
  }

  /** Takes over what the cluster already has on record for a pod. */
  adopt(pod: PodState, stored: AllocationState): void {
    if (this.#written.has(pod.uid) || stored.podUid !== pod.uid) return;
    this.#written.set(pod.uid, { gist: stored.gist, statusAtMs: -Infinity });
  }

  /** What the cluster has as we have written it is kept once. */
  see({ podUid, gist }: AllocationState): void {
    const written = this.#written.get(podUid);
    if (written && areSameGists(written.gist, gist)) written.gist = gist;
  }

  record(record: AllocationRecord): void {
    const { pod, spec, status } = record;
    const gist = gistOf(spec, status ?? {});
    const written = this.#written.get(pod.uid);
    // What is on its way may be something else than what stands.
    const isSpecNews = written?.gist.spec !== gist.spec || this.#writing.has(pod.uid);
    const isStatusNews = status !== null && (written === undefined || this.#isNews(written, gist));
    if (isSpecNews || isStatusNews) this.#wanted.set(pod.uid, { ...record, gist });
    else this.#wanted.delete(pod.uid);
    if (isSpecNews) this.#enqueueSpec(pod);
    if (isStatusNews) this.#enqueueStatus(pod);
  }

  /** Makes sure that what is declared is on record before a resize overwrites it. */
  async recordFirst(pod: PodState): Promise<void> {
    if (this.#isDeclaredWritten(pod.uid)) return;
    if (!this.#wanted.has(pod.uid)) throw new Error(`nothing is known to record of ${pod.namespace}/${pod.name}`);
    await this.#specWritten(pod.uid);
    // What was on its way may have been from before the owner declared something else.
    if (!this.#isDeclaredWritten(pod.uid)) await this.#specWritten(pod.uid);
  }

  /** The pod is not managed any more. */
  remove(pod: PodState): void {
    const name = allocationName(pod);
    this.forget(pod.uid);
    this.#budget.enqueue({
      key: `allocation ${pod.namespace}/${name}`,
      priority: writePriority.record,
      write: () => this.#port.remove(pod.namespace, name),
    });
  }

  /** Somebody has deleted the record of a pod that is still there: whatever is said of it next is written. */
  lost(podUid: string): void {
    this.#written.delete(podUid);
  }

  forget(podUid: string): void {
    this.#written.delete(podUid);
    this.#wanted.delete(podUid);
  }

  #isNews({ gist: before, statusAtMs }: Written, now: Gist): boolean {
    if (now.status !== before.status) return true;
    return areNews(before.numbers, now.numbers, this.#clock.monotonicMs() - statusAtMs);
  }

  #isDeclaredWritten(podUid: string): boolean {
    const written = this.#written.get(podUid);
    const wanted = this.#wanted.get(podUid);
    return written !== undefined && (!wanted || written.gist.declared === wanted.gist.declared);
  }

  /** The one on its way, or one of its own. */
  #specWritten(podUid: string): Promise<void> {
    return this.#writing.get(podUid) ?? this.#writeSpec(podUid);
  }

  #writeSpec(podUid: string): Promise<void> {
    const writing = this.#applySpec(podUid).finally(() => {
      if (this.#writing.get(podUid) === writing) this.#writing.delete(podUid);
    });
    this.#writing.set(podUid, writing);
    return writing;
  }

  async #applySpec(podUid: string): Promise<void> {
    const wanted = this.#wanted.get(podUid);
    if (!wanted) return;
    const { pod, gist } = wanted;
    await this.#port.applySpec(pod, allocationName(pod), canonicalSpec(wanted.spec));
    const entry = this.#entry(podUid);
    entry.gist = { ...entry.gist, spec: gist.spec, declared: gist.declared };
    this.#done(wanted);
  }

  #enqueueSpec(pod: PodState): void {
    this.#budget.enqueue({
      key: `allocation ${pod.namespace}/${allocationName(pod)}`,
      priority: writePriority.record,
      write: () => this.#writeSpecIfNews(pod),
    });
  }

  /** A resize that needed it may have written it meanwhile. */
  async #writeSpecIfNews(pod: PodState): Promise<void> {
    const isNews = (): boolean => this.#wanted.get(pod.uid)?.gist.spec !== this.#written.get(pod.uid)?.gist.spec;
    const writing = this.#writing.get(pod.uid);
    if (!writing) return isNews() ? this.#writeSpec(pod.uid) : undefined;
    await writing.catch(() => undefined);
    // By now somebody else may lead.
    if (isNews()) this.#enqueueSpec(pod);
  }

  #enqueueStatus(pod: PodState): void {
    this.#budget.enqueue({
      key: `status ${pod.namespace}/${allocationName(pod)}`,
      priority: writePriority.status,
      write: () => this.#writeStatus(pod.uid),
    });
  }

  async #writeStatus(podUid: string): Promise<void> {
    const wanted = this.#wanted.get(podUid);
    if (!wanted?.status) return;
    const { pod, gist } = wanted;
    if (!this.#written.has(podUid)) {
      await this.#specWritten(podUid);
      // By now somebody else may lead.
      this.#enqueueStatus(pod);
      return;
    }
    await this.#port.applyStatus(pod, allocationName(pod), wanted.status);
    const entry = this.#entry(podUid);
    entry.gist = { ...entry.gist, status: gist.status, numbers: gist.numbers };
    entry.statusAtMs = this.#clock.monotonicMs();
    this.#done(wanted);
  }

  /** What stands in the cluster word for word need not be kept here. */
  #done(wanted: Wanted): void {
    const { uid } = wanted.pod;
    const { spec, status } = this.#written.get(uid)?.gist ?? nothing;
    if (this.#wanted.get(uid) !== wanted || spec !== wanted.gist.spec) return;
    if (wanted.status && status === wanted.gist.status) this.#wanted.delete(uid);
  }

  #entry(podUid: string): Written {
    let entry = this.#written.get(podUid);
    if (!entry) {
      entry = { gist: nothing, statusAtMs: -Infinity };
      this.#written.set(podUid, entry);
    }
    return entry;
  }
}
