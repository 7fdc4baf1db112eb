import { NotKnown } from "../decide/notKnown.ts";
import type { Scaling } from "../decide/scaling.ts";

/** How many jobs a trigger wants in total. @throws NotKnown */
export type Wanted = () => number;

interface Want {
  wanted: Wanted;
  askedMs: number;
}

/** KEDA asks all triggers of one poll within this, and does not poll more often than each second. */
const pollMs = 900;

/** What the triggers of each owner want, put together as KEDA does it with their values. */
export class Wants {
  readonly #owners = new Map<string, Map<string, Want>>();
  /** Whose value stands for all triggers of the owner in this poll. */
  readonly #speakers = new Map<string, { readonly trigger: string; readonly atMs: number }>();

  note(owner: string, trigger: string, wanted: Wanted, nowMs: number): void {
    const triggers = this.#owners.get(owner) ?? new Map<string, Want>();
    this.#owners.set(owner, triggers);
    triggers.set(trigger, { wanted, askedMs: nowMs });
  }

  /** Drops those that have not asked for so long. */
  forget(nowMs: number, memoryMs: number): void {
    for (const [owner, triggers] of this.#owners) {
      for (const [trigger, { askedMs }] of triggers) if (nowMs - askedMs >= memoryMs) triggers.delete(trigger);
      if (triggers.size > 0) continue;
      this.#owners.delete(owner);
      this.#speakers.delete(owner);
    }
  }

  /**
   * How many jobs the owner wants in total. KEDA leaves out triggers that are
   * not active: those that want no more than there are.
   *
   * @throws NotKnown where no trigger's demand is known
   */
  total(owner: string, how: Scaling["combined"], unfinished: number): number {
    const all = known([...(this.#owners.get(owner)?.values() ?? [])]);
    const more = all.map((wanted) => wanted - unfinished).filter((wants) => wants > 0);
    return more.length === 0 ? Math.max(...all) : unfinished + combined(more, how);
  }

  /** Whether `trigger` tells the owner's value in this poll: the first that asks, where KEDA adds them up. */
  speaks(owner: string, trigger: string, nowMs: number): boolean {
    const speaker = this.#speakers.get(owner);
    if (speaker && speaker.trigger !== trigger && nowMs - speaker.atMs < pollMs) return false;
    this.#speakers.set(owner, { trigger, atMs: nowMs });
    return true;
  }
}

function known(wants: readonly Want[]): readonly number[] {
  let unknown = new NotKnown("no trigger has asked");
  const values = wants.flatMap(({ wanted }) => {
    try {
      return wanted();
    } catch (error) {
      if (!(error instanceof NotKnown)) throw error;
      unknown = error;
      return [];
    }
  });
  if (values.length === 0) throw unknown;
  return values;
}

function combined(values: readonly number[], how: Scaling["combined"]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  if (how === "sum") return sum;
  if (how === "avg") return Math.ceil(sum / values.length);
  return how === "min" ? Math.min(...values) : Math.max(...values);
}
