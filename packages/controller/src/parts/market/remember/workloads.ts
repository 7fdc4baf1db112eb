import type { PodState } from "../../../base/cluster/pod.ts";
import { type Workload, workloadKey } from "../../../base/cluster/workload.ts";
import { ContainerHistory, type Minute } from "./history.ts";
import type { RememberPolicy } from "./policy.ts";
import type { WorkloadHistory } from "./profile.ts";

/** What one workload's pods have used. */
export interface RememberedWorkload {
  readonly key: string;
  readonly namespace: string;
  /** null: a pod without successors, which is remembered for its life and never written down. */
  readonly workload: Workload | null;
  readonly containers: Map<string, ContainerHistory>;
  /** When it was learnt from last, in milliseconds since the Unix epoch. */
  seenMs: number;
  /** How many of its pods run. */
  pods: number;
}

/** Told when a workload is no longer remembered. */
type Dropped = (workload: RememberedWorkload) => void;

/** By the workload where the pod has successors, else by the pod itself. */
export function keyOfPod({ namespace, workload, uid }: PodState): string {
  return workload ? workloadKey(namespace, workload) : `${namespace}/${uid}`;
}

/** Nothing was learnt of it for so long: it does not run, even where an ended pod of it is still there. */
const idleMs = 3_600_000;
/** Who was watched for less has not lent anything yet: little is lost with it. */
const youngMinutes = 60;

/**
 * All workloads that are remembered, of a bounded number. A new one takes the
 * place of one that does not run: one hardly known, so that a thousand Jobs
 * push out nobody but each other, else the one that has not run for longest.
 * While all of them run it finds none, and keeps what it declared.
 */
export class Workloads {
  readonly #policy: RememberPolicy;
  readonly #most: number;
  readonly #dropped: Dropped;
  readonly #byKey = new Map<string, RememberedWorkload>();
  #latestMs = 0;

  constructor(policy: RememberPolicy, most: number, dropped: Dropped) {
    this.#policy = policy;
    this.#most = most;
    this.#dropped = dropped;
  }

  get size(): number {
    return this.#byKey.size;
  }

  get(key: string): RememberedWorkload | undefined {
    return this.#byKey.get(key);
  }

  values(): IterableIterator<RememberedWorkload> {
    return this.#byKey.values();
  }

  /** A pod runs. @returns its workload; undefined where there is no room for another */
  joined(pod: PodState): RememberedWorkload | undefined {
    const key = keyOfPod(pod);
    let found = this.#byKey.get(key);
    if (!found && (this.#hasRoom() || this.#makeRoom())) found = this.#enter(key, pod.namespace, pod.workload);
    if (found) found.pods += 1;
    return found;
  }

  /** A pod has ended. */
  left(workload: RememberedWorkload): void {
    workload.pods -= 1;
    if (workload.workload === null && this.holds(workload)) this.#byKey.delete(workload.key);
  }

  /** Whether it is remembered still. */
  holds(workload: RememberedWorkload): boolean {
    return this.#byKey.get(workload.key) === workload;
  }

  learn(workload: RememberedWorkload, container: string, minute: Minute, endMs: number): void {
    let history = workload.containers.get(container);
    if (!history) {
      history = new ContainerHistory(this.#policy);
      workload.containers.set(container, history);
    }
    history.learn(minute, endMs);
    workload.seenMs = endMs;
    this.#latestMs = endMs;
  }

  /** Takes over what was written down of a workload. @returns undefined where there is no room for it */
  restore(namespace: string, { workload, seenMs, containers }: WorkloadHistory): RememberedWorkload | undefined {
    const key = workloadKey(namespace, workload);
    const entry = this.#byKey.get(key) ?? (this.#hasRoom() ? this.#enter(key, namespace, workload) : undefined);
    if (!entry) return undefined;
    for (const [name, history] of containers) entry.containers.set(name, history);
    entry.seenMs = Math.max(entry.seenMs, seenMs);
    return entry;
  }

  drop(workload: RememberedWorkload): void {
    this.#byKey.delete(workload.key);
    this.#dropped(workload);
  }

  /** Drops those that have not run since. @param sinceMs milliseconds since the Unix epoch */
  dropUnusedSince(sinceMs: number): void {
    for (const one of this.#byKey.values())
      if (one.seenMs < sinceMs && (one.pods === 0 || one.seenMs > 0)) this.drop(one);
  }

  #enter(key: string, namespace: string, workload: Workload | null): RememberedWorkload {
    const entry = { key, namespace, workload, containers: new Map<string, ContainerHistory>(), seenMs: 0, pods: 0 };
    this.#byKey.set(key, entry);
    return entry;
  }

  #hasRoom(): boolean {
    return this.#byKey.size < this.#most;
  }

  #makeRoom(): boolean {
    let least: RememberedWorkload | undefined;
    for (const one of this.#byKey.values()) if (this.#isIdle(one) && (!least || isWorthLess(one, least))) least = one;
    if (least) this.drop(least);
    return least !== undefined;
  }

  #isIdle({ pods, seenMs }: RememberedWorkload): boolean {
    return pods === 0 || (seenMs > 0 && seenMs < this.#latestMs - idleMs);
  }
}

function isWorthLess(one: RememberedWorkload, other: RememberedWorkload): boolean {
  const young = isYoung(one);
  return young === isYoung(other) ? one.seenMs < other.seenMs : young;
}

function isYoung(workload: RememberedWorkload): boolean {
  return watchedMinutes(workload) < youngMinutes;
}

/** Minutes it was watched, the older ones counting less, when it was learnt from last. */
export function watchedMinutes({ containers, seenMs }: RememberedWorkload): number {
  return Math.max(0, ...[...containers.values()].map((history) => history.watchedMinutes(seenMs)));
}
