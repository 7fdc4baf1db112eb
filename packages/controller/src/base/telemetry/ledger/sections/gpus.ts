import { type Gpu, type GpuProcesses, type GpuSection, GpuSource, HeldBy, MigMode, ProcessPlace } from "@walras/proto";

import { agentLimits as limits } from "../../../bounds/agentLimits.ts";
import { clip } from "../../../bounds/clip.ts";
import type { GpuReading, GpusReading, HeldReading, ProcessReading } from "../gpuReading.ts";
import type { Rejections } from "../rejections.ts";
import { doubtOf } from "./gpuDoubts.ts";

const sources: Readonly<Record<number, GpusReading["source"]>> = {
  [GpuSource.GPU_SOURCE_NVIDIA_SMI]: "nvidia-smi",
  [GpuSource.GPU_SOURCE_PROC]: "proc",
};

const migModes: Readonly<Record<number, GpuReading["mig"]>> = {
  [MigMode.MIG_MODE_DISABLED]: "disabled",
  [MigMode.MIG_MODE_ENABLED]: "enabled",
  [MigMode.MIG_MODE_PENDING]: "pending",
};

const heldBy: Readonly<Record<number, HeldReading["by"]>> = {
  [HeldBy.HELD_BY_DEVICE_PLUGIN]: "devicePlugin",
  [HeldBy.HELD_BY_DRA]: "dra",
};

const places: Readonly<Record<number, ProcessReading["place"]>> = {
  [ProcessPlace.PROCESS_PLACE_CONTAINER]: "container",
  [ProcessPlace.PROCESS_PLACE_OUTSIDE]: "outside",
};

/**
 * What a report says of GPUs. One that cannot be as it is told is left out as a
 * whole, and named; the others count.
 *
 * @returns null where nothing new is said
 */
export function readGpus(section: GpuSection | undefined, nowMs: number, rejections: Rejections): GpusReading | null {
  if (!section) return null;
  const believed = believedOf(section.gpus, rejections);
  const refused = section.gpus.length - believed.length;
  return {
    atMs: nowMs - section.ageMillis,
    source: sources[section.source] ?? null,
    trouble: told(section.trouble) ?? (refused > 0 ? `${refused} of its GPUs are not believed` : null),
    holdersTrouble: told(section.holdersTrouble),
    offersTrouble: told(section.offersTrouble),
    gpus: believed.map(gpuReading),
  };
}

function believedOf(gpus: readonly Gpu[], rejections: Rejections): Gpu[] {
  const believed: Gpu[] = [];
  for (const [at, gpu] of gpus.entries()) {
    const doubt =
      believed.length >= limits.gpus ? `is more than ${limits.gpus}` : (doubtOf(gpu) ?? twin(gpu, believed));
    if (doubt === null) believed.push(gpu);
    else rejections.add("BadGpu", () => `gpus[${at}].${doubt}`);
  }
  return believed;
}

/** Two of the same name or number: nobody could say which is meant. */
function twin({ uuid, index, minor }: Gpu, others: readonly Gpu[]): string | null {
  if (others.some((other) => other.uuid === uuid)) return `uuid ${uuid} is another's`;
  if (others.some((other) => other.index === index)) return `index ${index} is another's`;
  const sameMinor = minor !== undefined && others.some((other) => other.minor === minor);
  return sameMinor ? `minor ${minor} is another's` : null;
}

function gpuReading(gpu: Gpu): GpuReading {
  return {
    uuid: gpu.uuid,
    index: gpu.index,
    minor: gpu.minor ?? null,
    pciBusId: gpu.pciBusId,
    model: gpu.model,
    memoryTotalMiB: gpu.memoryTotalMib ?? null,
    memoryUsedMiB: gpu.memoryUsedMib ?? null,
    utilisation: inThousandths(gpu.utilisationPermille),
    powerWatts: inThousandths(gpu.powerMilliwatts),
    temperatureCelsius: gpu.temperatureCelsius ?? null,
    mig: migModes[gpu.mig] ?? null,
    migDevices: gpu.migDevices.map(({ memoryTotalMib, ...device }) => {
      return { ...device, memoryTotalMiB: memoryTotalMib ?? null };
    }),
    uncorrectedEcc: gpu.uncorrectedEcc ?? null,
    xid: gpu.xid ?? null,
    unhealthy: told(gpu.unhealthy),
    held: gpu.holders.map((holder) => ({ ...holder, by: heldBy[holder.by] ?? null })),
    offeredAs: gpu.offeredAs,
    processes: processesOf(gpu.processes),
    processesLeftOut: gpu.processes?.leftOut ?? 0,
  };
}

function processesOf(processes: GpuProcesses | undefined): ProcessReading[] | null {
  if (!processes) return null;
  return processes.processes.map(({ memoryUsedMib, place, ...process }) => {
    return { ...process, memoryUsedMiB: memoryUsedMib ?? null, place: places[place] ?? "unknown" };
  });
}

function inThousandths(value: number | undefined): number | null {
  return value === undefined ? null : value / 1000;
}

function told(sentence: string): string | null {
  return sentence === "" ? null : clip(sentence);
}
