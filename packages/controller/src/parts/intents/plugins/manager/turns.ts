/** One thing after another; whoever gives up is not waited with, though what has begun is finished before the next. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** @throws the signal's reason where it aborts, else what `run` throws */
  take<Result>(run: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    const turn = this.#last.then(() => {
      signal.throwIfAborted();
      return run();
    });
    this.#last = turn.catch(() => undefined);
    return Promise.race([turn, abortOf(signal)]);
  }
}

async function abortOf(signal: AbortSignal): Promise<never> {
  signal.throwIfAborted();
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(reasonOf(signal)), { once: true });
  });
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error("given up");
}
