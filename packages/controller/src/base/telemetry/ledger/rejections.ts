import { clip } from "../../bounds/clip.ts";
import { agentLimits as limits } from "../../bounds/agentLimits.ts";

/** Something in a report that was not believed. */
export interface Rejection {
  readonly reason:
    | "OutOfOrder"
    | "BadWindow"
    | "BadNumber"
    | "OverCapacity"
    | "BadGpu"
    | "UnknownHandle"
    | "UnknownContainer"
    | "ForeignPod"
    | "Malformed";
  readonly detail: string;
  /** How many it stands for; 1 where not given. */
  readonly count?: number;
}

type Reason = Rejection["reason"];

const longestDetailChars = 160;

/** What was not believed of one report: the first are told in words, the rest are counted by reason. */
export class Rejections {
  readonly #told: Rejection[] = [];
  readonly #more = new Map<Reason, number>();
  #needsAll = false;

  /** @param detail is only asked for where it is told */
  add(reason: Reason, detail: () => string): void {
    this.#needsAll ||= reason === "UnknownHandle" || reason === "UnknownContainer";
    if (this.#told.length < limits.rejectionsTold)
      this.#told.push({ reason, detail: clip(detail(), longestDetailChars) });
    else this.#more.set(reason, (this.#more.get(reason) ?? 0) + 1);
  }

  /** Whether something is missing that a full report would tell. */
  get needsAll(): boolean {
    return this.#needsAll;
  }

  all(): readonly Rejection[] {
    const more = [...this.#more].map(([reason, count]): Rejection => ({ reason, detail: `${count} more`, count }));
    return [...this.#told, ...more];
  }
}
