import { type Gpu, type GpuHolder, type GpuProcess, GpuSource, HeldBy, MigMode, ProcessPlace } from "@walras/proto";

import type { GpuProcess as Process, GpuState } from "../nvidia/gpuState.ts";
import type { HeldDevice } from "../podresources/port.ts";
import type { GpuSample } from "../sample/gpuSampler.ts";

/** How much of each GPU is told. */
export interface GpuBounds {
  readonly migDevices: number;
  readonly holders: number;
  readonly processes: number;
}

const mostOffers = 4;
const longestNameChars = 64;
/** Names of Kubernetes objects are no longer. */
const longestObjectChars = 253;
const longestSentenceChars = 160;
const mostUint = 2 ** 32 - 1;

export const gpuSources = {
  "nvidia-smi": GpuSource.GPU_SOURCE_NVIDIA_SMI,
  proc: GpuSource.GPU_SOURCE_PROC,
} as const satisfies Record<GpuSample["reading"]["source"], GpuSource>;

const migModes = {
  disabled: MigMode.MIG_MODE_DISABLED,
  enabled: MigMode.MIG_MODE_ENABLED,
  pending: MigMode.MIG_MODE_PENDING,
} as const;

const heldBy = { devicePlugin: HeldBy.HELD_BY_DEVICE_PLUGIN, dra: HeldBy.HELD_BY_DRA } as const;

/** A GPU in the units of the wire. */
export function wireGpu(gpu: GpuState, sample: GpuSample, bounds: GpuBounds): Gpu {
  const { utilisation, powerWatts, temperatureCelsius: celsius, mig } = gpu;
  const holders = inOrder(sample.holders.get(gpu.uuid) ?? []);
  const offers = new Set(sample.offers.get(gpu.uuid)?.map(({ resource }) => named(resource)));
  return {
    uuid: named(gpu.uuid),
    index: uint(gpu.index) ?? 0,
    minor: uint(gpu.minor),
    pciBusId: named(gpu.pciBusId),
    model: named(gpu.model),
    memoryTotalMib: uint(gpu.memoryTotalMiB),
    memoryUsedMib: uint(gpu.memoryUsedMiB),
    utilisationPermille: uint(utilisation === null ? null : utilisation * 1000),
    powerMilliwatts: uint(powerWatts === null ? null : powerWatts * 1000),
    temperatureCelsius: celsius !== null && Math.abs(celsius) < 1000 ? Math.round(celsius) : undefined,
    mig: mig === null ? MigMode.MIG_MODE_UNSPECIFIED : migModes[mig],
    migDevices: gpu.migDevices.slice(0, bounds.migDevices).map((device) => ({
      uuid: named(device.uuid),
      profile: named(device.profile),
      gpuInstance: uint(device.gpuInstance) ?? 0,
      computeInstance: uint(device.computeInstance) ?? 0,
      memoryTotalMib: uint(device.memoryTotalMiB),
    })),
    uncorrectedEcc: uint(gpu.uncorrectedEcc),
    xid: uint(gpu.xid),
    unhealthy: sentence(gpu.unhealthy),
    holders: holders.slice(0, bounds.holders).map(wireHolder),
    offeredAs: [...offers].toSorted().slice(0, mostOffers),
    processes: gpu.processes === null ? undefined : wireProcesses(gpu.processes, sample, bounds.processes),
  };
}

/** A sentence or none, as the wire has it. */
export function sentence(text: string | null): string {
  return cut(text ?? "", longestSentenceChars);
}

function wireHolder({ namespace, pod, container, resource, by }: HeldDevice): GpuHolder {
  const object = (name: string): string => cut(name, longestObjectChars);
  return {
    namespace: object(namespace),
    pod: object(pod),
    container: object(container),
    resource: named(resource),
    by: heldBy[by],
  };
}

/** A kubelet tells of pods in any order, and another order is no news. */
function inOrder(holders: readonly HeldDevice[]): HeldDevice[] {
  const keyed = holders.map((holder) => [`${holder.namespace}/${holder.pod}/${holder.container}`, holder] as const);
  return keyed.toSorted(([one], [other]) => (one < other ? -1 : Number(one > other))).map(([, holder]) => holder);
}

/** Those outside of all containers first: of them nobody else tells. */
function wireProcesses(processes: readonly Process[], { places }: GpuSample, most: number): Gpu["processes"] {
  const isOutside = ({ pid }: Process): boolean => places.get(pid) === "outside";
  const sorted = processes.toSorted(
    (one, other) => Number(isOutside(other)) - Number(isOutside(one)) || one.pid - other.pid,
  );
  return {
    processes: sorted.slice(0, most).map((process) => wireProcess(process, places)),
    leftOut: Math.max(0, processes.length - most),
  };
}

function wireProcess({ pid, name, memoryUsedMiB }: Process, places: GpuSample["places"]): GpuProcess {
  const place = places.get(pid) ?? "unknown";
  const process = { pid: uint(pid) ?? 0, name: named(name), memoryUsedMib: uint(memoryUsedMiB) };
  if (typeof place === "string") {
    const outside = place === "outside";
    return {
      ...process,
      place: outside ? ProcessPlace.PROCESS_PLACE_OUTSIDE : ProcessPlace.PROCESS_PLACE_UNSPECIFIED,
      containerId: "",
      podName: "",
    };
  }
  const { containerId, podName } = place;
  return { ...process, place: ProcessPlace.PROCESS_PLACE_CONTAINER, containerId, podName: podName ?? "" };
}

/** What is no such number is not known. */
function uint(value: number | null): number | undefined {
  return value !== null && value >= 0 && value <= mostUint ? Math.round(value) : undefined;
}

function named(text: string): string {
  return cut(text, longestNameChars);
}

/** A process may call itself anything; nobody wants its line ends in a log. */
function cut(text: string, mostChars: number): string {
  return text
    .slice(0, mostChars)
    .toWellFormed()
    .replaceAll(/\p{Cc}/gu, " ");
}
