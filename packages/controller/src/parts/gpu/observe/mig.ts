import type { Device } from "../decide/schedule/node.ts";
import type { GpuFact } from "./gpuFact.ts";

/**
 * The GPUs of a node, and after them the MIG instances that there are: a GPU in MIG mode is given by its instances alone, and not at
 * all while another mode waits for its reset.
 */
export function withInstances(gpus: readonly GpuFact[]): (GpuFact & Device)[] {
  return [...gpus.map(wholeOf), ...gpus.flatMap(instancesOf)];
}

/** Without what moves each second and decides nothing, such as its utilisation: it would look like news. */
function wholeOf({ mig, unhealthy, ...gpu }: GpuFact): GpuFact & Device {
  const { uuid, index, model, memoryMiB, holders, foreignPids } = gpu;
  return { uuid, index, model, memoryMiB, holders, foreignPids, unhealthy: unhealthy ?? barOf(mig) };
}

function barOf(mig: GpuFact["mig"]): string | null {
  if (mig === "pending") return "its MIG mode is being changed";
  return mig === "enabled" ? "it is in MIG mode, and given by its instances" : null;
}

function instancesOf({ mig, migDevices = [], uuid: gpu, ...fact }: GpuFact): (GpuFact & Device)[] {
  const { index, model, holders, foreignPids } = fact;
  const unhealthy = fact.unhealthy ?? (mig === "pending" ? barOf(mig) : null);
  return migDevices.map(({ uuid, profile, memoryTotalMiB }, number) => {
    const instance = { gpu, number, profile };
    return { uuid, index, model, memoryMiB: memoryTotalMiB, unhealthy, holders, foreignPids, instance };
  });
}
