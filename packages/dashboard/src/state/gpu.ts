import type { DashboardGpu, DashboardGpus, GpuSeat } from "@walras/api";

/** A line of the GPU table: a GPU, and a pod of it where it has one. */
export interface GpuRow {
  readonly key: string;
  readonly node: string;
  readonly gpu: DashboardGpu;
  readonly seat: GpuSeat | null;
}

export function gpuRows({ nodes }: DashboardGpus): readonly GpuRow[] {
  return nodes.flatMap(({ node, gpus }) =>
    gpus.flatMap((gpu) => {
      const seats: readonly (GpuSeat | null)[] = gpu.seats.length === 0 ? [null] : gpu.seats;
      return seats.map((seat) => ({ key: rowKey(node, gpu, seat), node, gpu, seat }));
    }),
  );
}

function rowKey(node: string, { index }: DashboardGpu, seat: GpuSeat | null): string {
  return seat === null ? `${node}/${index}` : `${node}/${index}/${seat.namespace}/${seat.pod}`;
}

/** A GPU in one word, the worst that is true of it. */
export function gpuState({
  unhealthy,
  seats,
  foreignPids,
}: DashboardGpu): "unhealthy" | "drift" | "foreign" | "taken" | "free" {
  if (unhealthy !== null) return "unhealthy";
  if (seats.some(({ drift }) => drift)) return "drift";
  if (foreignPids.length > 0) return "foreign";
  return seats.length > 0 ? "taken" : "free";
}

/** What one of the four says of a seat. */
export function sayText(says: boolean | null): string {
  if (says === null) return "does not tell";
  return says ? "yes" : "no";
}
