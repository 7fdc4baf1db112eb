import type { PodAllocationSpec, PodAllocationStatus } from "@walras/api";
import type { Clock } from "@walras/kit";

import { type AllocationState, allocationName } from "../cluster/allocation.ts";
import type { PodState } from "../cluster/pod.ts";
import type { WriteBudget } from "../resize/actuator.ts";

/** Where PodAllocations are written. */
export interface AllocationPort {
  applySpec(pod: PodState, name: string, spec: PodAllocationSpec): Promise<void>;
  applyStatus(pod: PodState, name: string, status: PodAllocationStatus): Promise<void>;
  remove(namespace: string, name: string): Promise<void>;
}

/** What a pod's PodAllocation should say. */
export interface AllocationRecord {
  readonly pod: PodState;
  readonly spec: PodAllocationSpec;
  readonly status: PodAllocationStatus;
}

interface Written {
  spec: string;
  status: string;
  statusAtMs: number;
  numbers: readonly number[];
}

/** After the resizes: what is done comes before what is told. */
const specPriority = 3;
const statusPriority = 4;
/** Prices and credits move each second; they are written this often at most. */
const numbersEveryMs = 10_000;
/** And only when one moved by this much. */
const numbersShare = 0.2;

/** Keeps PodAllocations in step with decisions, writing only what tells something new. */
export class AllocationRecorder {
  readonly #port: AllocationPort;
  readonly #budget: WriteBudget;
  readonly #clock: Clock;
  readonly #written = new Map<string, Written>();
  readonly #wanted = new Map<string, AllocationRecord>();

  constructor(port: AllocationPort, budget: WriteBudget, clock: Clock) {
    this.#port = port;
    this.#budget = budget;
    this.#clock = clock;
  }

  /** Takes over what the cluster already has on record for a pod. */
  adopt(pod: PodState, stored: AllocationState): void {
    if (this.#written.has(pod.uid) || stored.spec.podUID !== pod.uid) return;
    this.#written.set(pod.uid, {
      spec: JSON.stringify(canonicalSpec(stored.spec)),
      status: meaning(stored.status),
      statusAtMs: -Infinity,
      numbers: numbersOf(stored.status),
    });
  }

  record(record: AllocationRecord): void {
    const { pod, spec, status } = record;
    this.#wanted.set(pod.uid, record);
    const written = this.#written.get(pod.uid);
    const name = allocationName(pod);
    if (written?.spec !== JSON.stringify(canonicalSpec(spec))) {
      this.#budget.enqueue({
        key: `allocation ${pod.namespace}/${name}`,
        priority: specPriority,
        write: () => this.#writeSpec(pod.uid),
      });
    }
    if (written === undefined || this.#isNews(written, status)) {
      this.#budget.enqueue({
        key: `status ${pod.namespace}/${name}`,
        priority: statusPriority,
        write: () => this.#writeStatus(pod.uid),
      });
    }
  }

  /** Makes sure there is a record before the first resize overwrites what was declared. */
  async recordFirst(pod: PodState): Promise<void> {
    if (!this.#written.has(pod.uid)) await this.#writeSpec(pod.uid);
  }

  /** The pod is not managed any more. */
  remove(pod: PodState): void {
    const name = allocationName(pod);
    this.forget(pod.uid);
    this.#budget.enqueue({
      key: `allocation ${pod.namespace}/${name}`,
      priority: specPriority,
      write: () => this.#port.remove(pod.namespace, name),
    });
  }

  forget(podUid: string): void {
    this.#written.delete(podUid);
    this.#wanted.delete(podUid);
  }

  #isNews(written: Written, status: PodAllocationStatus): boolean {
    if (meaning(status) !== written.status) return true;
    if (this.#clock.monotonicMs() - written.statusAtMs < numbersEveryMs) return false;
    return numbersOf(status).some((number, index) => moved(written.numbers[index] ?? 0, number));
  }

  async #writeSpec(podUid: string): Promise<void> {
    const record = this.#wanted.get(podUid);
    if (!record) return;
    const spec = canonicalSpec(record.spec);
    await this.#port.applySpec(record.pod, allocationName(record.pod), spec);
    this.#entry(podUid).spec = JSON.stringify(spec);
  }

  async #writeStatus(podUid: string): Promise<void> {
    const record = this.#wanted.get(podUid);
    if (!record) return;
    if (!this.#written.has(podUid)) await this.#writeSpec(podUid);
    await this.#port.applyStatus(record.pod, allocationName(record.pod), record.status);
    const entry = this.#entry(podUid);
    entry.status = meaning(record.status);
    entry.statusAtMs = this.#clock.monotonicMs();
    entry.numbers = numbersOf(record.status);
  }

  #entry(podUid: string): Written {
    let entry = this.#written.get(podUid);
    if (!entry) {
      entry = { spec: "", status: "", statusAtMs: -Infinity, numbers: [] };
      this.#written.set(podUid, entry);
    }
    return entry;
  }
}

/** One order of keys, so that equal specs are equal texts. */
function canonicalSpec(spec: PodAllocationSpec): PodAllocationSpec {
  const { namespace, podName, podUID, desiredCPURequest, desiredCPULimit, containers } = spec;
  return {
    namespace,
    podName,
    podUID,
    desiredCPURequest,
    ...(desiredCPULimit === undefined ? {} : { desiredCPULimit }),
    containers: (containers ?? []).map((one) => ({
      name: one.name,
      declaredCPURequest: one.declaredCPURequest,
      ...(one.declaredCPULimit === undefined ? {} : { declaredCPULimit: one.declaredCPULimit }),
      desiredCPURequest: one.desiredCPURequest,
      ...(one.desiredCPULimit === undefined ? {} : { desiredCPULimit: one.desiredCPULimit }),
    })),
  };
}

/** The part of a status whose change is worth a write at once. */
function meaning(status: PodAllocationStatus): string {
  const { phase, reason, message, binding, appliedCPURequest, appliedCPULimit } = status;
  return JSON.stringify([phase, reason, message, binding, appliedCPURequest, appliedCPULimit]);
}

function numbersOf(status: PodAllocationStatus): readonly number[] {
  return [status.shadowPriceCPU ?? 0, status.requestPriceCPU ?? 0, status.credit ?? 0];
}

function moved(before: number, now: number): boolean {
  return Math.abs(now - before) > numbersShare * Math.max(Math.abs(before), Math.abs(now));
}
