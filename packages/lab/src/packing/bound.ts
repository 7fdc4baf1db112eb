import { Filling, Fleet, type GpuNode, type GpuPod, Mix, type NodeState, type Shape } from "@walras/controller/gpu";

const rounds = 400;
/** Of what a shape asks for; less and less. */
const firstStep = 0.3;
const halvedAfter = 20;
/** In thousandths of a GPU; see Filling. */
const temperature = 10;

interface Arrived {
  readonly shape: Shape;
  readonly weight: number;
  readonly count: number;
}

/**
 * More GPU than any rule could allocate that knew all arrivals beforehand and placed whom it liked: the Lagrangian dual of packing them,
 * with a price on each shape's arrivals, and CPU and memory of each node relaxed one at a time. Every price gives a bound; this is
 * the least of those on the way to the best prices, each checked without any smoothing. Pods without GPUs take no room.
 *
 * @returns thousandths of a GPU
 */
export function clairvoyantMilli(nodes: readonly GpuNode[], arrivals: readonly GpuPod[]): number {
  const { occupied } = new Fleet(nodes);
  const mix = arrived(arrivals);
  const mostGpus = Math.max(1, ...nodes.map(({ gpus }) => gpus));
  const prices = mix.map(() => 0);
  const mean = mix.map(() => 0);
  for (let round = 0; round < rounds; round += 1) {
    const usage = filled(mix, prices, { temperature, mostGpus }).usage(occupied);
    const step = firstStep / (1 + round / halvedAfter);
    mix.forEach(({ shape: { totalMilli }, count }, index) => {
      const used = usage[index] ?? 0;
      const moved = (prices[index] ?? 0) + (step * totalMilli * (used - count)) / (used + count);
      prices[index] = Math.min(totalMilli, Math.max(0, moved));
      mean[index] = (mean[index] ?? 0) + ((prices[index] ?? 0) - (mean[index] ?? 0)) * Math.min(1, 4 / (round + 1));
    });
  }
  return Math.min(...[prices, mean].map((found) => boundAt(found, mix, { occupied, mostGpus })));
}

interface Cluster {
  readonly occupied: ReadonlySet<NodeState>;
  readonly mostGpus: number;
}

function boundAt(prices: readonly number[], mix: readonly Arrived[], { occupied, mostGpus }: Cluster): number {
  const filling = filled(mix, prices, { temperature: 0, mostGpus });
  const packed = [...occupied].reduce((sum, state) => sum + state.nodes.length * filling.valueOf(state), 0);
  return mix.reduce((sum, { count }, index) => sum + count * (prices[index] ?? 0), packed);
}

function filled(
  mix: readonly Arrived[],
  prices: readonly number[],
  options: { readonly temperature: number; readonly mostGpus: number },
): Filling {
  const worth = Float64Array.from(mix, ({ shape }, index) => shape.totalMilli - (prices[index] ?? 0));
  return new Filling({ mix, worth, ...options });
}

function arrived(arrivals: readonly GpuPod[]): Arrived[] {
  const mix = new Mix();
  for (const pod of arrivals) mix.see(mix.shapeOf(pod));
  const all = mix.typical(1, Infinity).filter(({ shape }) => shape.gpus > 0);
  return all.map((row) => ({ ...row, count: row.weight * arrivals.length }));
}
