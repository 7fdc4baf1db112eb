import { KubeError } from "./port.ts";

/** Nothing heard for longer: bookmarks come each minute, and a watch that is silent is opened again before. */
export const currentMs = 100_000;

/** What happened before a watch was opened has been told by then. */
const caughtUpMs = 1_000;

/** Whether what is known of a collection may be decided on: the one rule for all who do. */
export class Freshness {
  readonly #resource: string;
  readonly #monotonicMs: () => number;
  #listed = false;
  #absent = false;
  #heardAtMs = 0;
  /** When the watch was opened that is open now; null: none is. */
  #openedAtMs: number | null = null;
  #refused: string | null = null;

  /** @param resource its plural name, which begins each reason */
  constructor(resource: string, monotonicMs: () => number) {
    this.#resource = resource;
    this.#monotonicMs = monotonicMs;
  }

  /** Everything is known. */
  listed(): void {
    this.#listed = true;
    this.#absent = false;
    this.heard();
  }

  /** The server knows no such kind, so there is nothing of it: that is known as well. */
  notServed(): void {
    this.#absent = true;
  }

  /** Any word of the server, bookmarks included. */
  heard(): void {
    this.#heardAtMs = this.#monotonicMs();
  }

  /**
   * A watch was opened where the last one ended: what happened meanwhile comes
   * at once, so that silence is news too. Of a kind of which nothing has ever
   * changed no bookmark comes either (apiserver's cacher sends none before the
   * first event).
   */
  opened(): void {
    this.#refused = null;
    this.heard();
    this.#openedAtMs = this.#heardAtMs;
  }

  /** The watch has ended, however it did. */
  closed(): void {
    this.#openedAtMs = null;
  }

  /** Whether changes are told as they happen, those from before the watch was opened included. */
  live(): boolean {
    return this.#absent || (this.#openedAtMs !== null && this.#monotonicMs() - this.#openedAtMs >= caughtUpMs);
  }

  /** A watch could not be opened. Only a refusal counts: other trouble passes, or is silence in the end. */
  notOpened(error: unknown): void {
    if (isRefusal(error)) this.#refused = `${error.status} ${error.reason}`.trim();
  }

  /** Why not to decide on what is known; null when it is current. A list does not end a refusal: it cannot be followed. */
  trouble(): string | null {
    const reason = this.#reason();
    return reason === null ? null : `${this.#resource}: ${reason}`;
  }

  #reason(): string | null {
    if (this.#absent) return null;
    if (!this.#listed) return "not listed yet";
    if (this.#refused !== null) return `the watch is refused (${this.#refused})`;
    const silentMs = this.#monotonicMs() - this.#heardAtMs;
    return silentMs > currentMs ? `not heard of for ${Math.ceil(silentMs / 1000)} s` : null;
  }
}

/** An answer that the same question will get again: no rights, no such kind, a version that is gone, a line too long. */
export function isRefusal(error: unknown): error is KubeError {
  if (!(error instanceof KubeError) || error.status === 0) return false;
  return error.status < 500 && error.status !== 408 && error.status !== 429;
}
