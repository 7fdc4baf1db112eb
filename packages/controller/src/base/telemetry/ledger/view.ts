import type { Clock } from "@walras/kit";
import { z } from "zod";

import type { Ledger } from "./ledger.ts";

/** /nodes: what agents said of their nodes, and how long ago. */
export const nodesViewSchema = z.object({
  nodes: z.array(
    z.object({
      node: z.string(),
      /** Share of the node's CPU time that was used over 30 s; null: not known. */
      cpu30s: z.number().min(0).max(1).nullable(),
      ageMs: z.number().min(0),
    }),
  ),
});

export type NodesView = z.infer<typeof nodesViewSchema>;

export function nodesView(ledger: Pick<Ledger, "nodes" | "node">, clock: Clock): NodesView {
  const nowMs = clock.monotonicMs();
  const nodes = [...ledger.nodes()].toSorted().flatMap((node) => {
    const reading = ledger.node(node);
    return reading ? [{ node, cpu30s: reading.busyFraction, ageMs: Math.round(nowMs - reading.atMs) }] : [];
  });
  return { nodes };
}
