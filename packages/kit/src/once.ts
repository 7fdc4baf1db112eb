/** More matters than a cluster has at once; beyond it the one told longest ago may be told twice. */
const defaultMost = 20_000;

/** Remembers what has been said of each matter, so that it is said once, when it becomes true or changes. */
export class Once {
  readonly #said = new Map<string, string>();
  readonly #most: number;

  constructor(most = defaultMost) {
    this.#most = most;
  }

  /** @param text what holds now; undefined: the matter is over @returns whether that is to be said */
  isNews(matter: string, text: string | undefined): boolean {
    const before = this.#said.get(matter);
    if (text === undefined) this.#said.delete(matter);
    if (text === undefined || text === before) return false;
    // The newest are last, so that the oldest is the first.
    this.#said.delete(matter);
    this.#said.set(matter, text);
    if (this.#said.size > this.#most) this.#forgetOldest();
    return true;
  }

  /** Whether something was said of the matter and still holds. */
  holds(matter: string): boolean {
    return this.#said.has(matter);
  }

  forget(matter: string): void {
    this.#said.delete(matter);
  }

  #forgetOldest(): void {
    const [oldest] = this.#said.keys();
    if (oldest !== undefined) this.#said.delete(oldest);
  }
}
