import type { GpuFacts } from "./facts.ts";
import type { GpuFact } from "./gpuFact.ts";

/** Agents that say what a test tells them. */
export class FakeFacts implements GpuFacts {
  readonly #nodes = new Map<string, { readonly gpus: readonly GpuFact[]; readonly ageMs: number }>();

  of(node: string): { readonly gpus: readonly GpuFact[]; readonly ageMs: number } | null {
    return this.#nodes.get(node) ?? null;
  }

  set(node: string, gpus: readonly GpuFact[], ageMs = 0): void {
    this.#nodes.set(node, { gpus, ageMs });
  }

  /** One GPU of a node is otherwise. */
  change(node: string, index: number, part: Partial<GpuFact>): void {
    const gpus = this.of(node)?.gpus ?? [];
    this.set(
      node,
      gpus.map((gpu) => (gpu.index === index ? { ...gpu, ...part } : gpu)),
    );
  }

  forget(node: string): void {
    this.#nodes.delete(node);
  }
}

/** The UUID of a GPU of {@link gpuFacts}. */
export const uuidOf = (node: string, index: number): string => `GPU-${node}-${index}`;

/** Idle and well GPUs of a node. */
export function gpuFacts(node: string, count: number, model = "A100"): GpuFact[] {
  return Array.from({ length: count }, (_, index) => ({
    uuid: uuidOf(node, index),
    index,
    model,
    memoryMiB: 40_960,
    unhealthy: null,
    holders: [],
    foreignPids: [],
  }));
}
