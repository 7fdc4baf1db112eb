import type { Device } from "../decide/schedule/node.ts";
import { gpusBelievedMs } from "../../../base/telemetry/gpus/known.ts";
import type { GpuFact } from "./gpuFact.ts";
import { withInstances } from "./mig.ts";

/** What agents tell of the GPUs of their nodes. */
export interface GpuFacts {
  /** null: nothing is known of this node. */
  of(node: string): { readonly gpus: readonly GpuFact[]; readonly ageMs: number } | null;
}

/** No agent tells anything. */
export const noFacts: GpuFacts = { of: () => null };

/** What is known of these nodes now; those of which nothing is are left out. */
export function currentFacts(
  facts: GpuFacts,
  nodes: Iterable<{ readonly name: string }>,
): Map<string, readonly (GpuFact & Device)[]> {
  const known = new Map<string, readonly (GpuFact & Device)[]>();
  for (const { name } of nodes) {
    const fact = facts.of(name);
    if (fact && fact.ageMs <= gpusBelievedMs) known.set(name, withInstances(fact.gpus));
  }
  return known;
}
