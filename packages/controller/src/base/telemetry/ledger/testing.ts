import { type Gpu, GpuSource, type GpuSection, HeldBy, MigMode, ProcessPlace, type Report } from "@walras/proto";

/** UUID of the GPU with this index. */
export function gpuUuid(index: number): string {
  return `GPU-00000000-0000-0000-0000-${String(index).padStart(12, "0")}`;
}

/** An idle GPU on the wire, but for what is given. */
export function aGpu(index: number, given: Partial<Gpu> = {}): Gpu {
  return {
    uuid: gpuUuid(index),
    index,
    minor: index,
    pciBusId: `0000:0${index}:00.0`,
    model: "NVIDIA H100 80GB HBM3",
    memoryTotalMib: 81_559,
    memoryUsedMib: 0,
    utilisationPermille: 0,
    powerMilliwatts: 70_000,
    temperatureCelsius: 30,
    mig: MigMode.MIG_MODE_DISABLED,
    migDevices: [],
    unhealthy: "",
    holders: [],
    offeredAs: ["nvidia.com/gpu"],
    processes: { processes: [], leftOut: 0 },
    ...given,
  };
}

export function aSection(gpus: Gpu[], given: Partial<GpuSection> = {}): GpuSection {
  const troubles = { trouble: "", holdersTrouble: "", offersTrouble: "" };
  return { source: GpuSource.GPU_SOURCE_NVIDIA_SMI, ageMillis: 0, ...troubles, gpus, ...given };
}

/** A container of default/POD that holds it by a device plugin. */
export function heldByPod(pod: string): Gpu["holders"][number] {
  const resource = "nvidia.com/gpu";
  return { namespace: "default", pod, container: "app", resource, by: HeldBy.HELD_BY_DEVICE_PLUGIN };
}

/** A process in a container of the pod with this UID; of none where it is null. */
export function aProcess(pid: number, podName: string | null): NonNullable<Gpu["processes"]>["processes"][number] {
  const place = podName === null ? ProcessPlace.PROCESS_PLACE_OUTSIDE : ProcessPlace.PROCESS_PLACE_CONTAINER;
  return { pid, name: "python", place, containerId: podName === null ? "" : `c-${pid}`, podName: podName ?? "" };
}

/** A report that tells nothing but of GPUs. */
export function gpuReport(sequence: number, gpus?: GpuSection): Report {
  const lists = { introduced: [], gone: [], limits: [] };
  return { sequence, full: sequence === 1, windowMillis: 1000, capturedUnixMillis: 0, ...lists, gpus };
}
