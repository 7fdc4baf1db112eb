import type { ContainerIntroduction } from "@walras/proto";

import { agentLimits as limits } from "../../../bounds/agentLimits.ts";
import type { ContainerReading } from "../readings.ts";
import type { Rejection, Rejections } from "../rejections.ts";

/** Ids of the containers of each pod on a node, by the pod's UID, as far as the API server tells them. */
export type PodContainers = ReadonlyMap<string, ReadonlySet<string>>;

export interface Known {
  readonly podUid: string;
  readonly containerId: string;
  quotaMilli: number | null;
  /** null: nothing that is believed has been said of it. */
  last: { -readonly [Key in keyof ContainerReading]: ContainerReading[Key] } | null;
}

/**
 * The containers that a stream has introduced, by its handles. They are of
 * pods on its node, each has one handle, and of those that the API server does
 * not tell yet, since a kubelet tells late, there are a few at most.
 */
export class KnownContainers {
  readonly #known = new Map<number, Known>();
  readonly #handles = new Map<string, number>();
  readonly #foreign = new Set<number>();

  get(handle: number): Known | undefined {
    return this.#known.get(handle);
  }

  values(): Iterable<Known> {
    return this.#known.values();
  }

  has(containerId: string): boolean {
    return this.#handles.has(containerId);
  }

  /** Whether anything that is believed has been said of it since it was introduced. */
  isHeard(containerId: string): boolean {
    return (this.#known.get(this.#handles.get(containerId) ?? NaN)?.last ?? null) !== null;
  }

  /** What is said of it is passed over in silence. */
  isForeign(handle: number): boolean {
    return this.#foreign.has(handle);
  }

  /** @returns ids of the containers whose handles were given to others by it */
  introduce(introduced: readonly ContainerIntroduction[], pods: PodContainers, rejections: Rejections): string[] {
    const lost: string[] = [];
    let untold = [...this.#known.values()].filter((known) => !isTold(known, pods)).length;
    for (const one of introduced) {
      const isNew = !isTold(one, pods) && !this.has(one.containerId);
      const rejected = rejection(one, pods.has(one.podUid), !isNew || untold < limits.newContainers);
      if (rejected) {
        lost.push(...this.#passOver(one.handle));
        rejections.add(...rejected);
        continue;
      }
      if (isNew) untold += 1;
      lost.push(...this.#add(one.handle, asTold(one, pods)));
    }
    return lost;
  }

  /** @returns ids of the containers that had these handles */
  forget(handles: Iterable<number>): string[] {
    const ids: string[] = [];
    for (const handle of handles) {
      const known = this.#known.get(handle);
      this.#foreign.delete(handle);
      if (!known) continue;
      this.#remove(handle, known);
      ids.push(known.containerId);
    }
    return ids;
  }

  forgetAll(): string[] {
    this.#foreign.clear();
    return this.forget([...this.#known.keys()]);
  }

  #add(handle: number, { podUid, containerId }: Named): string[] {
    const lost = this.forget([handle, this.#handles.get(containerId) ?? handle]);
    this.#known.set(handle, { podUid, containerId, quotaMilli: null, last: null });
    this.#handles.set(containerId, handle);
    return lost;
  }

  #remove(handle: number, { containerId }: Known): void {
    this.#known.delete(handle);
    this.#handles.delete(containerId);
  }

  #passOver(handle: number): string[] {
    const lost = this.forget([handle]);
    if (this.#foreign.size < limits.foreignHandles) this.#foreign.add(handle);
    return lost;
  }
}

type Named = Pick<Known, "podUid" | "containerId">;

function isTold({ podUid, containerId }: Named, pods: PodContainers): boolean {
  return pods.get(podUid)?.has(containerId) ?? false;
}

/** In the words of the API server, which are kept for as long as the pod is there: an agent's are the same and not kept beside them. */
function asTold({ podUid, containerId }: Named, pods: PodContainers): Named {
  for (const [uid, ids] of pods)
    if (uid === podUid) return { podUid: uid, containerId: [...ids].find((id) => id === containerId) ?? containerId };
  return { podUid, containerId };
}

function rejection(
  { podUid, containerId }: ContainerIntroduction,
  isOurs: boolean,
  hasRoom: boolean,
): readonly [reason: Rejection["reason"], detail: () => string] | null {
  if (!isOurs) return ["ForeignPod", () => `pod ${podUid} is not on this node`];
  if (containerId.length > limits.containerIdChars) return ["Malformed", () => `container id ${containerId}`];
  return hasRoom ? null : ["UnknownContainer", () => `container ${containerId} is not of pod ${podUid}`];
}
