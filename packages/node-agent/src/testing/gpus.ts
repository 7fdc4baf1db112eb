import type { GpuReader, GpuReading, GpuState } from "../nvidia/gpuState.ts";
import type { AllocatableDevices, HeldDevice, PodResources } from "../podresources/port.ts";

/** UUID of the GPU with this index. */
export function gpuUuid(index: number): string {
  return `GPU-00000000-0000-0000-0000-${String(index).padStart(12, "0")}`;
}

/** An idle GPU, but for what is given. */
export function aGpu(index: number, given: Partial<GpuState> = {}): GpuState {
  return {
    uuid: gpuUuid(index),
    index,
    minor: index,
    pciBusId: `00000000:0${index}:00.0`,
    model: "NVIDIA H100 80GB HBM3",
    memoryTotalMiB: 81_559,
    memoryUsedMiB: 1,
    utilisation: 0,
    powerWatts: 70,
    temperatureCelsius: 30,
    mig: "disabled",
    migDevices: [],
    uncorrectedEcc: 0,
    xid: null,
    unhealthy: null,
    processes: [],
    ...given,
  };
}

/** A container of pod ns/pod that holds these of a device plugin, but for what is given. */
export function heldOf(pod: string, deviceIds: readonly string[], given: Partial<HeldDevice> = {}): HeldDevice {
  return {
    namespace: "ns",
    pod,
    container: "app",
    resource: "nvidia.com/gpu",
    deviceIds,
    by: "devicePlugin",
    ...given,
  };
}

/** Says what the test tells it to. */
export class FakeGpuReader implements GpuReader {
  reading: GpuReading | null = null;

  latest(): GpuReading | null {
    return this.reading;
  }

  read(gpus: readonly GpuState[], atMs = 0, trouble: string | null = null): void {
    this.reading = { atMs, source: "nvidia-smi", gpus, trouble };
  }
}

/** A kubelet that says what the test tells it to. */
export class FakePodResources implements PodResources {
  held: readonly HeldDevice[] = [];
  offered: readonly AllocatableDevices[] = [];
  listFails: Error | null = null;
  allocatableFails: Error | null = null;
  asked = 0;

  list(): Promise<readonly HeldDevice[]> {
    this.asked += 1;
    return this.listFails ? Promise.reject(this.listFails) : Promise.resolve(this.held);
  }

  allocatable(): Promise<readonly AllocatableDevices[]> {
    return this.allocatableFails ? Promise.reject(this.allocatableFails) : Promise.resolve(this.offered);
  }
}
