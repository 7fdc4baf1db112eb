/** Since when each application has had something to release; a newer change does not start the wait anew. */
export class Waiting {
  readonly #sinceMs = new Map<string, number>();

  /** Takes note, and tells the beginning in wall milliseconds; null: nothing waits. */
  since(app: string, pending: boolean, nowMs: number): number | null {
    if (!pending) {
      this.#sinceMs.delete(app);
      return null;
    }
    const since = this.#sinceMs.get(app);
    if (since !== undefined) return since;
    this.#sinceMs.set(app, nowMs);
    return nowMs;
  }
}
