import type { BaseMetrics } from "../../ops/metrics.ts";
import { gpusBelievedMs, type KnownGpu, type KnownGpus } from "./known.ts";

type GpuMetrics = BaseMetrics["gpus"];

const bytesPerMiB = 2 ** 20;

/**
 * Shows what is known of all GPUs now, and of none besides: one series of each
 * metric for a GPU, whoever holds it, so that their number is bounded by GPUs.
 */
export function showGpus(metrics: GpuMetrics, known: KnownGpus, nodes: Iterable<string>): void {
  for (const gauge of Object.values(metrics)) gauge.reset();
  for (const node of nodes) {
    const { gpus = [], ageMs = 0 } = known.of(node) ?? {};
    if (ageMs <= gpusBelievedMs) for (const gpu of gpus) showGpu(metrics, node, gpu);
  }
}

function showGpu(metrics: GpuMetrics, node: string, gpu: KnownGpu): void {
  const labels = { node, gpu: String(gpu.index), uuid: gpu.uuid, model: gpu.model, ...onlyHolder(gpu) };
  const show = (metric: keyof GpuMetrics, value: number | null): void => {
    if (value !== null) metrics[metric].set(labels, value);
  };
  show("utilisation", gpu.utilisation);
  show("memoryUsedBytes", inBytes(gpu.memoryUsedMiB));
  show("memoryTotalBytes", inBytes(gpu.memoryTotalMiB));
  show("powerWatts", gpu.powerWatts);
  show("temperatureCelsius", gpu.temperatureCelsius);
  show("healthy", gpu.unhealthy === null ? 1 : 0);
}

/** Where several pods share it, what it does is none's alone. */
function onlyHolder({ holders }: KnownGpu): { readonly namespace: string; readonly pod: string } {
  const pods = new Map(holders.map(({ namespace, pod }) => [`${namespace}/${pod}`, { namespace, pod }]));
  const [only] = pods.values();
  return pods.size === 1 && only ? only : { namespace: "", pod: "" };
}

function inBytes(mebibytes: number | null): number | null {
  return mebibytes === null ? null : mebibytes * bytesPerMiB;
}
