import { gpusBelievedMs } from "../../../base/telemetry/gpus/known.ts";

/** A GPU, as the agent of its node sees it. */
export interface GpuFact {
  readonly uuid: string;
  readonly index: number;
  readonly model: string;
  readonly memoryMiB: number | null;
  readonly unhealthy: string | null;
  /** Pods and processes that hold it: by the kubelet, by process. */
  readonly holders: readonly { readonly namespace: string; readonly pod: string; readonly by: "kubelet" | "process" }[];
  /** Of processes in no known container. */
  readonly foreignPids: readonly number[];
}

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
): Map<string, readonly GpuFact[]> {
  const known = new Map<string, readonly GpuFact[]>();
  for (const { name } of nodes) {
    const fact = facts.of(name);
    if (fact && fact.ageMs <= gpusBelievedMs) known.set(name, fact.gpus.map(factOf));
  }
  return known;
}

/** Without what moves each second and decides nothing, such as its utilisation: it would look like news. */
function factOf({ uuid, index, model, memoryMiB, unhealthy, holders, foreignPids }: GpuFact): GpuFact {
  return { uuid, index, model, memoryMiB, unhealthy, holders, foreignPids };
}
