import type { Candidate } from "./forecast.ts";
import type { Workload } from "./workload.ts";

/** Free CPU of nodes while intents are planned one after another, millicores. */
export class Room {
  readonly #free: Map<string, number>;

  constructor(freeMilli: ReadonlyMap<string, number>) {
    this.#free = new Map(freeMilli);
  }

  get freeMilli(): ReadonlyMap<string, number> {
    return this.#free;
  }

  /** Takes what a plan will need: raises where its pods are, new pods where most is free. */
  take(workload: Workload, { state }: Candidate): void {
    const raiseMilli = Math.max(0, state.cpuMilli - workload.cpuMilli);
    for (const [place, { node }] of workload.pods.entries()) {
      const free = node === null ? undefined : this.#free.get(node);
      if (node !== null && free !== undefined && !state.removed.includes(place))
        this.#free.set(node, free - raiseMilli);
    }
    for (let pod = 0; pod < state.added; pod += 1) this.#place(workload.podMilli + raiseMilli);
  }

  #place(milli: number): void {
    let roomiest: string | null = null;
    for (const [node, free] of this.#free)
      if (free > (roomiest === null ? -Infinity : (this.#free.get(roomiest) ?? 0))) roomiest = node;
    if (roomiest !== null) this.#free.set(roomiest, (this.#free.get(roomiest) ?? 0) - milli);
  }
}
