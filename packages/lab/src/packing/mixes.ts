import type { GpuNode, GpuPod } from "@walras/controller/gpu";
import type { Rng } from "@walras/kit";

import type { PackingTrace } from "./trace.ts";

/** A trace's pods, with more of something than there was. */
export interface MixVariant {
  readonly name: string;
  /** The pods that arrivals are drawn from. */
  pods(trace: PackingTrace, rng: Rng): readonly GpuPod[];
}

const isShared = ({ gpus, gpuMilli }: GpuPod): boolean => gpus === 1 && gpuMilli < 1000;

/** What of the pods' GPUs a kind is to make up. */
function withPart(pods: readonly GpuPod[], part: number, is: (pod: GpuPod) => boolean): GpuPod[] {
  const [those, others] = [pods.filter(is), pods.filter((pod) => !is(pod))];
  const gpusOf = (list: readonly GpuPod[]): number =>
    list.reduce((sum, { gpus, gpuMilli }) => sum + gpus * gpuMilli, 0);
  const wanted = (part / (1 - part)) * gpusOf(others);
  const times = Math.max(1, Math.round(wanted / gpusOf(those)));
  return [...others, ...Array.from({ length: times }, () => those).flat()];
}

export const mixVariants: readonly MixVariant[] = [
  { name: "as recorded", pods: ({ pods }) => pods },
  { name: "half shared", pods: ({ pods }) => withPart(pods, 0.5, isShared) },
  { name: "all shared", pods: ({ pods }) => pods.filter((pod) => pod.gpus === 0 || isShared(pod)) },
  { name: "a third multi-GPU", pods: ({ pods }) => withPart(pods, 1 / 3, ({ gpus }) => gpus > 1) },
  { name: "a quarter bound to a model", pods: bound },
  {
    name: "half as much CPU again",
    pods: ({ pods }) => pods.map((pod) => ({ ...pod, cpuMilli: Math.round(pod.cpuMilli * 1.5) })),
  },
  { name: "drawn at random", pods: synthetic },
];

/** One pod of four asks for the model of a GPU drawn from the cluster whose node it fits on. */
function bound({ nodes, pods }: PackingTrace, rng: Rng): GpuPod[] {
  const gpus = nodes.flatMap((node) => Array.from({ length: node.gpus }, () => node));
  return pods.map((pod) => {
    const node = gpus[Math.floor(rng() * gpus.length)];
    return pod.gpus > 0 && rng() < 1 / 4 && node && holds(node, pod) ? { ...pod, models: [node.model] } : pod;
  });
}

function holds(node: GpuNode, pod: GpuPod): boolean {
  return node.gpus >= pod.gpus && node.cpuMilli >= pod.cpuMilli && node.memoryMiB >= pod.memoryMiB;
}

/** Forty shapes of any size, which nobody ran: shares in steps of 50, CPU from none to three times what a GPU's part of it is. */
function synthetic({ nodes }: PackingTrace, rng: Rng): GpuPod[] {
  const sum = (of: (node: GpuNode) => number): number => nodes.reduce((total, node) => total + of(node), 0);
  const [cpu, memory] = [
    sum((node) => node.cpuMilli) / sum((node) => node.gpus),
    sum((node) => node.memoryMiB) / sum((node) => node.gpus),
  ];
  const pick = <One>(list: readonly One[]): One => list[Math.floor(rng() * list.length)] as One;
  return Array.from({ length: 40 }, (_, index) => {
    const gpus = pick([0, 1, 1, 1, 1, 1, 1, 1, 2, 4]);
    const gpuMilli = gpus > 1 || rng() < 0.3 ? 1000 : 50 + 50 * Math.floor(rng() * 19);
    const scale = Math.max(1, gpus) * rng() * 1.5;
    const asked = { cpuMilli: Math.round(cpu * scale), memoryMiB: Math.round(memory * scale * rng()) };
    return { name: `shape-${index}`, ...asked, gpus, gpuMilli: gpus === 0 ? 0 : gpuMilli, models: [] };
  });
}

/**
 * Arrivals: the pods in random order, and drawn again when they are used up, until their GPUs come to those of the cluster
 * (the method of Weng et al.).
 */
export function arrivalsOf(pods: readonly GpuPod[], nodes: readonly GpuNode[], rng: Rng): GpuPod[] {
  const capacity = nodes.reduce((sum, { gpus }) => sum + gpus * 1000, 0);
  const order = shuffled(pods, rng);
  const arrivals: GpuPod[] = [];
  for (let asked = 0; asked < capacity;) {
    const pod = order[arrivals.length] ?? pods[Math.floor(rng() * pods.length)];
    if (!pod) return arrivals;
    arrivals.push({ ...pod, name: `${pod.name}-${arrivals.length}` });
    asked += pod.gpus * pod.gpuMilli;
  }
  return arrivals;
}

function shuffled<One>(list: readonly One[], rng: Rng): One[] {
  return list
    .map((one) => ({ one, at: rng() }))
    .toSorted((one, other) => one.at - other.at)
    .map(({ one }) => one);
}
