import type { Store } from "@walras/kube";

import type { IntentPod, Outage } from "./objects/pod.ts";

interface Record {
  outages: number;
  downMs: number;
  /** Until when outages have been counted. */
  countedUntilMs: number;
  /** Since when it does not serve; null: it does. */
  downSinceMs: number | null;
}

/** More pods than this do not fail at a time: beyond it those that failed first are taken for whole. */
const mostRecords = 20_000;

/**
 * How available pods have been, from what the cluster says of them. A pod that
 * has never failed is not remembered, and neither is one that is gone.
 */
export class PodHistory {
  /** By `namespace/name`. */
  readonly #records = new Map<string, Record>();

  constructor(pods: Store<IntentPod>) {
    for (const pod of pods.values()) this.#take(pod, false);
    pods.onChange((change) => {
      if (change.type === "deleted") this.#records.delete(keyOf(change.item));
      else this.#take(change.item, change.type === "updated" && change.previous.ready);
    });
  }

  /** Pods that have failed. */
  get size(): number {
    return this.#records.size;
  }

  /**
   * MTBF / (MTBF + MTTR), by Avižienis et al. 2004: over the life of the pod the
   * mean time between failures, and the mean time until it served again.
   *
   * @returns [0, 1]; 1 for one that never failed
   */
  availabilityOf(pod: IntentPod, nowMs: number): number {
    const record = this.#records.get(keyOf(pod));
    if (record === undefined) return 1;
    const { downSinceMs } = record;
    const failures = record.outages + (downSinceMs === null ? 0 : 1);
    const downMs = record.downMs + (downSinceMs === null ? 0 : Math.max(0, nowMs - downSinceMs));
    const upMs = Math.max(0, nowMs - pod.createdAtMs - downMs);
    if (failures === 0 || downMs === 0) return 1;
    const [betweenMs, repairMs] = [upMs / failures, downMs / failures];
    return betweenMs / (betweenMs + repairMs);
  }

  /** @param wasReady just before; one that has not been ready yet is starting, which is no failure */
  #take(pod: IntentPod, wasReady: boolean): void {
    const known = this.#records.get(keyOf(pod));
    const failed = !pod.ready && pod.phase === "Running" && (wasReady || pod.restarted);
    if (known === undefined && pod.lastOutage === null && !failed) return;
    const record = known ?? this.#begun(pod);
    if (pod.lastOutage !== null) count(record, pod.lastOutage);
    if (pod.readySinceMs !== null) turn(record, { failed, ready: pod.ready, sinceMs: pod.readySinceMs });
  }

  #begun(pod: IntentPod): Record {
    const record: Record = { outages: 0, downMs: 0, countedUntilMs: pod.createdAtMs, downSinceMs: null };
    this.#records.set(keyOf(pod), record);
    const [oldest] = this.#records.keys();
    if (this.#records.size > mostRecords && oldest !== undefined) this.#records.delete(oldest);
    return record;
  }
}

/** It stops serving, or serves again. */
function turn(
  record: Record,
  { failed, ready, sinceMs }: { readonly failed: boolean; readonly ready: boolean; readonly sinceMs: number },
): void {
  if (failed) record.downSinceMs ??= Math.max(sinceMs, record.countedUntilMs);
  if (!ready || record.downSinceMs === null) return;
  count(record, { fromMs: record.downSinceMs, toMs: sinceMs });
  record.downSinceMs = null;
}

/** A container that was gone and a pod that was not ready are one failure where they overlap. */
function count(record: Record, { fromMs, toMs }: Outage): void {
  if (toMs <= record.countedUntilMs) return;
  if (fromMs >= record.countedUntilMs) record.outages += 1;
  record.downMs += toMs - Math.max(fromMs, record.countedUntilMs);
  record.countedUntilMs = toMs;
}

function keyOf({ namespace, name }: Pick<IntentPod, "namespace" | "name">): string {
  return `${namespace}/${name}`;
}
