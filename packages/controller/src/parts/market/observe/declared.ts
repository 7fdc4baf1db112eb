import type { AllocationState, Declared } from "./allocation.ts";
import type { PodState } from "../../../base/cluster/pod.ts";
import { beforeSizing, type CreationTerms } from "./creation.ts";

/**
 * The resources a pod was created with, by container: from its PodAllocation
 * once there is one for this very pod, since the spec then holds what the
 * market made of them; else from what admission has left on the pod, where it has
 * made its requests smaller.
 */
export function declaredResources(
  pod: PodState,
  allocation: AllocationState | undefined,
  terms: CreationTerms,
): ReadonlyMap<string, Declared> {
  const recorded = allocation?.podUid === pod.uid ? allocation.declared : undefined;
  if (recorded?.size === pod.containers.length && pod.containers.every(({ name }) => recorded.has(name)))
    return recorded;
  const { requests } = beforeSizing(pod, terms);
  return new Map(
    pod.containers.map(({ name, desired }): [string, Declared] => {
      const requestMilli = requests.get(name) ?? desired.requestMilli ?? 0;
      return [name, recorded?.get(name) ?? { requestMilli, limitMilli: desired.limitMilli }];
    }),
  );
}

interface Known {
  readonly declared: ReadonlyMap<string, Declared>;
  /** The record it was read from. */
  readonly by: AllocationState | undefined;
}

/**
 * What pods declared, for as long as they are there: a record that somebody
 * deletes is written again from here, when the spec no longer tells.
 */
export class DeclaredMemory {
  readonly #terms: CreationTerms;
  readonly #known = new Map<string, Known>();

  constructor(terms: CreationTerms) {
    this.#terms = terms;
  }

  /** What is on record; else what was known before; else what the spec says. */
  of(pod: PodState, allocation: AllocationState | undefined): ReadonlyMap<string, Declared> {
    const known = this.#known.get(pod.uid);
    const isRecorded = allocation?.podUid === pod.uid;
    if (known && (!isRecorded || known.by === allocation)) return known.declared;
    const declared = declaredResources(pod, allocation, this.#terms);
    this.#known.set(pod.uid, { declared, by: allocation });
    return declared;
  }

  /** Whether the pod was ever managed here, on record or not. */
  has(podUid: string): boolean {
    return this.#known.has(podUid);
  }

  forget(podUid: string): void {
    this.#known.delete(podUid);
  }
}
