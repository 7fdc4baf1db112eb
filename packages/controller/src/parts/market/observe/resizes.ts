import type { ForeignCpu } from "../../../base/cluster/resizedBy.ts";
import type { PodState } from "../../../base/cluster/pod.ts";
import type { Declared } from "./allocation.ts";

/** What the node says to what the pod's spec desires. */
export type NodeAnswer = "none yet" | "accepted" | "infeasible";

/** One value that an owner has set. */
interface Wish extends ForeignCpu {
  readonly milli: number;
}

type Wishes = ReadonlyMap<string, Wish>;

const none: Wishes = new Map();

/**
 * What owners have set by resizes of their own: that is what they declare from
 * then on. A wish counts once the node has not called it infeasible, or once
 * we have overwritten it before the node answered, which a write that was on
 * its way may do.
 */
export class OwnerResizes {
  readonly #declared = new Map<string, Wishes>();
  readonly #unanswered = new Map<string, Wishes>();

  /** Every version of a pod must be seen, since the next may hide this one's values. */
  see(pod: PodState, answer: NodeAnswer): void {
    const before = this.#unanswered.get(pod.uid);
    if (pod.foreignCpu.length === 0 && !before) return;
    const wishes = wishesOf(pod);
    const overwritten = [...(before ?? none)].filter(([key]) => !wishes.has(key));
    if (answer === "none yet") this.#unanswered.set(pod.uid, wishes);
    else this.#unanswered.delete(pod.uid);
    const counted = answer === "accepted" ? [...overwritten, ...wishes] : overwritten;
    if (counted.length > 0)
      this.#declared.set(pod.uid, new Map([...(this.#declared.get(pod.uid) ?? none), ...counted]));
  }

  /** What is declared now, where something else is on record. */
  over(podUid: string, recorded: ReadonlyMap<string, Declared>): ReadonlyMap<string, Declared> {
    const wishes = this.#declared.get(podUid);
    if (!wishes) return recorded;
    const declared = new Map(recorded);
    for (const { container, field, milli } of wishes.values()) {
      const known = declared.get(container);
      if (known) declared.set(container, { ...known, [field]: milli });
    }
    return declared;
  }

  /** Who has set something of this pod. */
  managersOf(podUid: string): readonly string[] {
    return [...new Set([...(this.#declared.get(podUid) ?? none).values()].map(({ manager }) => manager))];
  }

  forget(podUid: string): void {
    this.#declared.delete(podUid);
    this.#unanswered.delete(podUid);
  }
}

function wishesOf({ foreignCpu, containers }: PodState): Wishes {
  const wishes = new Map<string, Wish>();
  for (const one of foreignCpu) {
    const milli = containers.find(({ name }) => name === one.container)?.desired[one.field];
    if (milli !== null && milli !== undefined) wishes.set(`${one.container} ${one.field}`, { ...one, milli });
  }
  return wishes;
}
