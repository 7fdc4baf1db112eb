import type { Clock } from "@walras/kit";

import type { NodeReading } from "../../../../base/telemetry/ledger/readings.ts";
import { type NodeUsage, sumUsage } from "./nodes.ts";
import type { UsageSource } from "./source.ts";

/** Nodes of the cluster, and what their agents last said. */
export interface LedgerSourceOptions {
  readonly nodes: () => Iterable<{ readonly name: string; readonly allocatableMilli: number; readonly ready: boolean }>;
  readonly ledger: { node(name: string): NodeReading | null };
  readonly clock: Clock;
}

/** Agents report each second; after this a node's word is old. */
const freshMs = 10_000;

/** Usage from the agents' live ledger: no other is as fresh. */
export function ledgerSource({ nodes, ledger, clock }: LedgerSourceOptions): UsageSource {
  return {
    name: "agents",
    read: () => {
      const nowMs = clock.monotonicMs();
      const ready = [...nodes()].filter(({ ready: isReady }) => isReady);
      const fresh = ready.map((node) => ({ node, reading: freshOf(ledger.node(node.name), nowMs) }));
      const totals = fresh.flatMap(({ reading }) => reading?.memoryTotalBytes ?? []);
      const typicalBytes = totals.length === 0 ? 0 : totals.reduce((sum, bytes) => sum + bytes, 0) / totals.length;
      return sumUsage(fresh.map(({ node, reading }) => usageOf(node, reading, typicalBytes)));
    },
  };
}

function freshOf(reading: NodeReading | null, nowMs: number): NodeReading | null {
  return reading && nowMs - reading.atMs <= freshMs ? reading : null;
}

const unheard = { memoryTotalBytes: null, memoryAvailableBytes: null, busyFraction: null };

/** A silent node is taken to have as much memory as the others have on average, all of it in use. */
function usageOf(
  { name, allocatableMilli }: { readonly name: string; readonly allocatableMilli: number },
  reading: NodeReading | null,
  typicalBytes: number,
): NodeUsage {
  const { memoryTotalBytes: total, memoryAvailableBytes: available, busyFraction: busy } = reading ?? unheard;
  return {
    name,
    cpuAllocatable: allocatableMilli,
    cpuUsed: busy === null ? null : busy * allocatableMilli,
    memoryAllocatable: total ?? typicalBytes,
    memoryUsed: memoryUsed(total, available),
  };
}

/** More available than there is says that one of the two is wrong, and not which. */
function memoryUsed(total: number | null, available: number | null): number | null {
  return total === null || available === null || available > total ? null : total - available;
}
