/** One write of one object. A newer one for the same key takes its place. */
export interface Write {
  readonly key: string;
  /** Lower goes first. */
  readonly priority: number;
  /** May be called more than once; what it throws decides whether again. */
  readonly write: () => Promise<void>;
  /** Told when it will not be done: with Superseded, or with what the last try threw. */
  readonly gaveUp?: (error: unknown) => void;
}

/** A write whose result is waited for. */
export interface Performed<Result> extends Pick<Write, "key" | "priority"> {
  /** May be called more than once; what it throws decides whether again. */
  readonly write: () => Promise<Result>;
}

/** A write that was not done, and may never have been tried, for others went before it. */
export class Superseded extends Error {
  readonly by: "newer" | "stop" | "urgent";

  /** @param by a newer write of its key, the end of the queue, or more urgent ones in a full queue */
  constructor(key: string, by: Superseded["by"]) {
    super(`${key}: not written, ${reasons[by]}`);
    this.name = "Superseded";
    this.by = by;
  }
}

const reasons = {
  newer: "for a newer value took its place",
  stop: "for the queue has ended",
  urgent: "for the queue is full of more urgent writes",
};
