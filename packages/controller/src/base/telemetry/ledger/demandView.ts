import type { Clock } from "@walras/kit";
import { z } from "zod";

import type { Ledger } from "./ledger.ts";

const milli = z.number().min(0);

/** /demand: what agents last told of each container, as far as it was believed, and how long ago. */
export const demandViewSchema = z.object({
  nodes: z.array(
    z.object({
      node: z.string(),
      containers: z.array(
        z.object({
          podUid: z.string(),
          containerId: z.string(),
          /** Mean over the agent's last window, in millicores. */
          usageMilli: milli,
          /** Time that it stood throttled, summed over run queues, in thousandths of a core. */
          throttledMilli: milli,
          /** Since its agent has spoken of it, or has left it as it was. */
          ageMs: milli,
        }),
      ),
    }),
  ),
});

export type DemandView = z.infer<typeof demandViewSchema>;

export function demandView(ledger: Pick<Ledger, "nodes" | "containers">, clock: Clock): DemandView {
  const nowMs = clock.monotonicMs();
  const nodes = [...ledger.nodes()].toSorted().map((node) => ({
    node,
    containers: Array.from(ledger.containers(node), ({ podUid, containerId, usageMilli, throttledMilli, stream }) => {
      return { podUid, containerId, usageMilli, throttledMilli, ageMs: Math.round(nowMs - stream.lastMs) };
    }),
  }));
  return { nodes };
}
