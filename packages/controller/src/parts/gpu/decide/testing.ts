import fc from "fast-check";

import { type GpuNode, type GpuPod, type Placement, wholeMilli } from "./snapshot.ts";

const models = ["A100", "T4", "V100"] as const;

/** A pod that asks for one whole GPU of any model. */
export const podOf = (name: string, more: Partial<GpuPod> = {}): GpuPod => ({
  name,
  cpuMilli: 1000,
  memoryMiB: 1024,
  gpus: 1,
  gpuMilli: wholeMilli,
  models: [],
  ...more,
});

/** Small clusters that fill up. */
export const nodesArb: fc.Arbitrary<GpuNode[]> = fc
  .array(
    fc.record({
      cpuMilli: fc.integer({ min: 0, max: 32 }).map((cores) => cores * 1000),
      memoryMiB: fc.integer({ min: 0, max: 64 }).map((gib) => gib * 1024),
      gpus: fc.integer({ min: 0, max: 8 }),
      model: fc.constantFrom(...models),
    }),
    { maxLength: 6 },
  )
  .map((nodes) => nodes.map((node, index) => ({ name: `node-${index}`, ...node })));

const askedArb = fc.oneof(
  fc.constant({ gpus: 0, gpuMilli: 0 }),
  fc.integer({ min: 1, max: wholeMilli }).map((gpuMilli) => ({ gpus: 1, gpuMilli })),
  fc.integer({ min: 1, max: 8 }).map((gpus) => ({ gpus, gpuMilli: wholeMilli })),
);

/** Whole, shared and none, of any or of bound models. */
export const podsArb: fc.Arbitrary<GpuPod[]> = fc
  .array(
    fc.record({
      cpuMilli: fc.integer({ min: 0, max: 8 }).map((cores) => cores * 1000),
      memoryMiB: fc.integer({ min: 0, max: 16 }).map((gib) => gib * 1024),
      asked: askedArb,
      models: fc.subarray([...models], { maxLength: 2 }),
    }),
    { maxLength: 40 },
  )
  .map((pods) => pods.map(({ asked, ...pod }, index) => ({ name: `pod-${index}`, ...pod, ...asked })));

/** What placements break, in words; empty where they keep to what there is. */
export function broken(nodes: readonly GpuNode[], pods: readonly GpuPod[], placed: readonly Placement[]): string[] {
  const byName = new Map(pods.map((pod) => [pod.name, pod]));
  const on = Map.groupBy(placed, ({ node }) => node);
  const strangers = placed.filter(({ node }) => !nodes.some(({ name }) => name === node));
  const twice = placed.length - new Set(placed.map(({ pod }) => pod)).size;
  const each = nodes.flatMap((node) => overuse(node, on.get(node.name) ?? [], byName));
  return [
    ...strangers.map(({ node }) => `${node} is no node`),
    ...(twice > 0 ? [`${twice} placed twice`] : []),
    ...each,
  ];
}

function overuse(node: GpuNode, placed: readonly Placement[], pods: ReadonlyMap<string, GpuPod>): string[] {
  const held = placed.map(({ pod, gpus }) => ({ pod: pods.get(pod) ?? stranger(pod), gpus }));
  const milli = Array.from({ length: node.gpus }, () => 0);
  for (const { pod, gpus } of held) for (const gpu of gpus) milli[gpu] = (milli[gpu] ?? Infinity) + pod.gpuMilli;
  const [cpu, memory] = [
    held.reduce((sum, { pod }) => sum + pod.cpuMilli, 0),
    held.reduce((sum, { pod }) => sum + pod.memoryMiB, 0),
  ];
  return [
    ...held
      .filter(({ pod, gpus }) => new Set(gpus).size !== pod.gpus)
      .map(({ pod, gpus }) => `${pod.name} has ${gpus.join(",")}`),
    ...held.filter(({ pod }) => !accepts(node.model, pod)).map(({ pod }) => `${pod.name} on ${node.model}`),
    ...(cpu > node.cpuMilli ? [`${node.name}: CPU ${cpu}`] : []),
    ...(memory > node.memoryMiB ? [`${node.name}: memory ${memory}`] : []),
    ...milli.filter((used) => used > wholeMilli).map((used) => `${node.name}: GPU ${used}`),
  ];
}

function accepts(model: string, { gpus, models: bound }: GpuPod): boolean {
  return gpus === 0 || bound.length === 0 || bound.includes(model);
}

function stranger(name: string): never {
  throw new Error(`${name} is no pod`);
}
