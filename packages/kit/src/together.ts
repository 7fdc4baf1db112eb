import type { Clock } from "./clock.ts";

/** Calls that come within a time are one: what is to be run is run at the end of it. */
export function together(clock: Pick<Clock, "after">, waitMs: () => number, run: () => void): () => void {
  let waits = false;
  return () => {
    if (waits) return;
    waits = true;
    clock.after(waitMs(), () => {
      waits = false;
      run();
    });
  };
}
