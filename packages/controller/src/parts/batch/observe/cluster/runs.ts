import { errorAt } from "@walras/kit";
import type { Store, StoreChange } from "@walras/kube";

import type { ScaledRef } from "../../decide/asker.ts";
import type { BatchJob } from "./job.ts";
import { markOf, readRecord, writeRecord } from "./runRecord.ts";
import type { ScaledJobState } from "./scaledJob.ts";

/** Runs of one ScaledJob. */
interface Tally {
  /** Jobs that have begun, by mark, oldest first. */
  readonly begun: Set<string>;
  /** Those of them that are there. */
  readonly there: Set<string>;
  /** Those of these that have not ended. */
  readonly open: Set<string>;
  /** Those that an older record may still name: deleted before they ended, and so nobody's runs, or counted in `before`. */
  readonly dropped: Set<string>;
  /** Runs that are not named any more. */
  before: number;
  /** The annotation as it was last read; undefined: it was not. */
  read: string | undefined;
}

/** Of those that are gone so many are named, and the others counted: KEDA copies the annotation to each Job. */
const mostNamed = 200;
/** Who has read no record names fewer: what he adds to one must not be among what is counted there. */
const mostUnread = mostNamed / 2;
/** Records are seen within seconds of being written. */
const mostDropped = 1_000;

/**
 * How many of a ScaledJob's Jobs have run to their end, in success or failure.
 * KEDA deletes finished Jobs after a while, and may do so while nobody here
 * looks: so each Job is counted from when it begins, and what has begun is
 * recorded on the ScaledJob. The record is a set: whoever reads it adds what
 * he has seen himself, and nothing is counted twice.
 */
export class Runs {
  /** By the ScaledJob's UID: one that is made anew begins at zero. */
  readonly #tallies = new Map<string, Tally>();

  constructor(jobs: Store<BatchJob>, scaledJobs: Store<ScaledJobState>) {
    jobs.onChange((change) => this.#hear(change));
    scaledJobs.onChange(({ type, item }) => {
      if (type === "deleted") this.#tallies.delete(item.uid);
    });
  }

  /**
   * Runs that have ended. Only while all Jobs are known: one that is recorded
   * and not there has ended.
   *
   * @throws FieldError where the record cannot be read
   */
  ended(scaledJob: ScaledJobState): number {
    const { before, begun, open } = this.#read(scaledJob);
    return before + begun.size - open.size;
  }

  /** What the ScaledJob is to carry. @throws FieldError as `ended` */
  record(scaledJob: ScaledJobState): string {
    const { before, begun } = this.#read(scaledJob);
    if (before + begun.size === 0 && scaledJob.runs === "") return "";
    return writeRecord(scaledJob, { before, runs: [...begun] });
  }

  #read(scaledJob: ScaledJobState): Tally {
    const tally = this.#tallyOf(scaledJob.uid);
    if (tally.read === scaledJob.runs) return tally;
    try {
      const { before, runs } = readRecord(scaledJob);
      const own = [...tally.begun];
      tally.begun.clear();
      for (const mark of [...runs, ...own]) if (!tally.dropped.has(mark)) tally.begun.add(mark);
      tally.before = Math.max(tally.before, before);
    } catch (error) {
      // Who has read a good one before knows better, and writes that again.
      if (tally.read === undefined) throw error;
    }
    tally.read = scaledJob.runs;
    foldOldest(tally);
    return tally;
  }

  #hear({ type, item }: StoreChange<BatchJob>): void {
    if (!item.ours || item.queued || item.ownerUid === "") return;
    const mark = markOf(item.uid);
    if (type === "deleted") {
      this.#forget(item, mark);
      return;
    }
    const tally = this.#tallyOf(item.ownerUid);
    tally.begun.add(mark);
    tally.there.add(mark);
    if (item.finished) tally.open.delete(mark);
    else tally.open.add(mark);
    foldOldest(tally);
  }

  #forget({ ownerUid, finished }: BatchJob, mark: string): void {
    const tally = this.#tallies.get(ownerUid);
    tally?.open.delete(mark);
    tally?.there.delete(mark);
    if (finished) return;
    if (tally) drop(tally, mark);
  }

  #tallyOf(uid: string): Tally {
    const known = this.#tallies.get(uid);
    if (known) return known;
    const tally: Tally = {
      begun: new Set(),
      there: new Set(),
      open: new Set(),
      dropped: new Set(),
      before: 0,
      read: undefined,
    };
    this.#tallies.set(uid, tally);
    return tally;
  }
}

function drop({ begun, dropped }: Tally, mark: string): void {
  begun.delete(mark);
  dropped.add(mark);
  const [oldest] = dropped;
  if (dropped.size > mostDropped && oldest !== undefined) dropped.delete(oldest);
}

/** Where no record was read the oldest are dropped: whoever writes one has counted them. */
function foldOldest(tally: Tally): void {
  const { begun, there, read } = tally;
  let gone = begun.size - there.size;
  const most = read === undefined ? mostUnread : mostNamed;
  for (const mark of begun) {
    if (gone <= most) return;
    if (there.has(mark)) continue;
    gone -= 1;
    if (read === undefined) {
      begun.delete(mark);
      continue;
    }
    drop(tally, mark);
    tally.before += 1;
  }
}

/**
 * The trigger's `completions`: so many runs and no more.
 *
 * @returns null where it names none
 * @throws FieldError naming the value
 */
export function completionsOf({ metadata }: ScaledRef): number | null {
  const text = metadata["completions"];
  if (text === undefined) return null;
  if (!/^\d+$/.test(text)) throw errorAt("metadata.completions", text, "is not a count");
  return Number(text);
}
