import type { ClusterTruth } from "@walras/sim";

import type { DemoState } from "./screen.ts";

/** Less than this share of the time is noise. */
const leastShare = 0.02;

/** Tells who was throttled between two looks. */
export class ThrottleWatch {
  readonly #seen = new Map<string, { throttledUsec: number; atMs: number }>();

  look({ nodes, elapsedMs }: ClusterTruth): DemoState["throttled"] {
    const found = nodes.flatMap(({ name, containers }) =>
      containers.map(({ containerId, pod, market: { throttledUsec } }) => {
        const before = this.#seen.get(containerId) ?? { throttledUsec, atMs: elapsedMs };
        this.#seen.set(containerId, { throttledUsec, atMs: elapsedMs });
        const passedUsec = Math.max(1, elapsedMs - before.atMs) * 1000;
        // Time is summed over run queues; nobody stands still for more than all of it.
        return { node: name, pod, share: Math.min(1, (throttledUsec - before.throttledUsec) / passedUsec) };
      }),
    );
    return found.filter(({ share }) => share >= leastShare).toSorted((a, b) => b.share - a.share);
  }
}
