import { boundJobs, type SlotJob, takesSlot } from "../decide/job.ts";
import { gistOf, restMs, type Waits, waitsAfter } from "../decide/stranded.ts";
import type { SlotView } from "./ports.ts";

/** A Job that no node takes. */
export interface StrandedJob {
  readonly job: SlotJob;
  readonly waitedMs: number;
  /** The scheduler's words; "" where it has said nothing. */
  readonly because: string;
}

/** Since an owner's job was taken by no node, and until something has changed. */
interface Rest {
  readonly times: number;
  readonly untilMs: number;
  /** What would have to change: what its jobs are made of, and the nodes. */
  readonly made: string;
  readonly nodes: string;
}

/** Looks more often tell nothing more; a longer gap is not known to have been the same throughout. */
const lookEveryMs = 1_000;
const longestGapMs = 10_000;

export interface StrandedOptions {
  readonly view: SlotView;
  readonly strandedMs: number;
  readonly onStranded: ((stranded: StrandedJob) => void) | undefined;
}

/**
 * Jobs that no node takes though one has room: they hold nobody else's slot.
 * Who made them, and would make more of the same, rests until its
 * specification or a node has changed, or for twice as long each time.
 */
export class Stranded {
  readonly #options: StrandedOptions;
  #waits: Waits = new Map();
  readonly #told = new Set<string>();
  readonly #rests = new Map<string, Rest>();
  #lookedMs = -Infinity;

  constructor(options: StrandedOptions) {
    this.#options = options;
  }

  /** Jobs that no node takes. */
  get size(): number {
    return this.#told.size;
  }

  has(uid: string): boolean {
    return this.#told.has(uid);
  }

  /** Whether it is time to look again. */
  isDue(nowMs: number): boolean {
    return nowMs - this.#lookedMs >= lookEveryMs;
  }

  /** @param room whether a slot is free, and known to be */
  look(room: boolean, nowMs: number): void {
    const { view } = this.#options;
    const passedMs = room ? Math.min(longestGapMs, nowMs - this.#lookedMs) : 0;
    this.#lookedMs = nowMs;
    const bound = boundJobs(view.pods());
    const [taken, unbound] = split([...view.jobs()].filter(takesSlot), ({ uid }) => bound.has(uid));
    for (const { uid, owner } of taken) if (this.#waits.has(uid)) this.#rests.delete(owner);
    this.#waits = waitsAfter(
      this.#waits,
      unbound.map(({ uid }) => uid),
      passedMs,
    );
    this.#forgetChanged();
    this.#strandLate(unbound, nowMs);
  }

  #strandLate(unbound: readonly SlotJob[], nowMs: number): void {
    const { strandedMs } = this.#options;
    for (const uid of this.#told) if (!this.#waits.has(uid)) this.#told.delete(uid);
    for (const job of unbound) {
      const waitedMs = this.#waits.get(job.uid) ?? 0;
      if (waitedMs >= strandedMs && !this.#told.has(job.uid)) this.#strand(job, waitedMs, nowMs);
    }
  }

  rests(owner: string): boolean {
    return this.#rests.has(owner);
  }

  /**
   * How many more jobs `owner` may be granted.
   *
   * @param underWay granted, or made and on no node yet
   */
  allowance(owner: string, underWay: number, nowMs: number): number {
    const rest = this.#rests.get(owner);
    if (!rest) return Infinity;
    return nowMs < rest.untilMs ? 0 : Math.max(0, 1 - underWay);
  }

  #strand(job: SlotJob, waitedMs: number, nowMs: number): void {
    const { view, onStranded } = this.#options;
    this.#told.add(job.uid);
    this.#rest(job.owner, nowMs);
    const pod = [...view.pods()].find(({ jobUid, ended }) => jobUid === job.uid && !ended);
    onStranded?.({ job, waitedMs, because: pod ? pod.waitsFor : "no pod was made for it" });
  }

  #rest(owner: string, nowMs: number): void {
    const { view, strandedMs } = this.#options;
    const made = view.madeOf(owner);
    const before = this.#rests.get(owner);
    // Each of a queue's Jobs is made by somebody of its own: the next may well be taken.
    if (made === undefined || (before && nowMs < before.untilMs)) return;
    const times = (before?.times ?? 0) + 1;
    this.#rests.set(owner, { times, untilMs: nowMs + restMs(times, strandedMs), made, nodes: gistOf(view.nodes()) });
  }

  #forgetChanged(): void {
    if (this.#rests.size === 0) return;
    const { view } = this.#options;
    const now = gistOf(view.nodes());
    for (const [owner, { made, nodes }] of this.#rests) {
      if (nodes !== now || view.madeOf(owner) !== made) this.#rests.delete(owner);
    }
  }
}

function split<Item>(items: readonly Item[], belongs: (item: Item) => boolean): readonly [Item[], Item[]] {
  return [items.filter((item) => belongs(item)), items.filter((item) => !belongs(item))];
}
