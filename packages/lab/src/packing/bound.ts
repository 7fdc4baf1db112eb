import { Filling, Fleet, type GpuNode, type GpuPod, Mix, type NodeState, type Shape } from "@walras/controller/gpu";

const rounds = 4_000;
const checkedEach = 200;
/** Of what a shape asks for. */
const firstStep = 0.1;
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
 * the least of those on the way to the best prices (AdaGrad, Duchi, Hazan, Singer 2011, and the mean of its steps), each checked
 * without any smoothing. Pods without GPUs take no room.
 *
 * @returns thousandths of a GPU
 */
export function clairvoyantMilli(nodes: readonly GpuNode[], arrivals: readonly GpuPod[]): number {
  const cluster = { occupied: new Fleet(nodes).occupied, mostGpus: Math.max(1, ...nodes.map(({ gpus }) => gpus)) };
  const mix = arrived(arrivals);
  const [prices, mean, squares] = [zeros(mix), zeros(mix), zeros(mix)];
  let least = Infinity;
  for (let round = 0; round < rounds; round += 1) {
    const usage = filled(mix, prices, { temperature, mostGpus: cluster.mostGpus }).usage(cluster.occupied);
    mix.forEach(({ shape: { totalMilli }, count }, index) => {
      const over = usage[index]! - count;
      squares[index]! += over * over;
      const step = over === 0 ? 0 : (firstStep * totalMilli * over) / Math.sqrt(squares[index]!);
      prices[index] = Math.min(totalMilli, Math.max(0, prices[index]! + step));
      mean[index]! += (prices[index] - mean[index]!) * Math.min(1, 4 / (round + 1));
    });
    if ((round + 1) % checkedEach === 0)
      least = Math.min(least, boundAt(prices, mix, cluster), boundAt(mean, mix, cluster));
  }
  return least;
}

function zeros(mix: readonly Arrived[]): Float64Array {
  return new Float64Array(mix.length);
}

interface Cluster {
  readonly occupied: ReadonlySet<NodeState>;
  readonly mostGpus: number;
}

function boundAt(prices: Float64Array, mix: readonly Arrived[], { occupied, mostGpus }: Cluster): number {
  const filling = filled(mix, prices, { temperature: 0, mostGpus });
  const packed = [...occupied].reduce((sum, state) => sum + state.nodes.length * filling.valueOf(state), 0);
  return mix.reduce((sum, { count }, index) => sum + count * (prices[index] ?? 0), packed);
}

function filled(
  mix: readonly Arrived[],
  prices: Float64Array,
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
