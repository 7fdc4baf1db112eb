import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A MIG device of a layout. */
export interface LayoutMigDevice {
  readonly uuid: string;
  readonly profile: string;
  readonly gpuInstance: number;
  readonly computeInstance: number;
  readonly memoryMiB: number;
  readonly multiprocessors: number;
}

/** "N/A" where the GPU knows no MIG. */
export type LayoutMigMode = "Enabled" | "Disabled" | "N/A";

export interface LayoutMig {
  readonly current: LayoutMigMode;
  readonly pending: LayoutMigMode;
  readonly devices: readonly LayoutMigDevice[];
}

export interface LayoutProcess {
  readonly pid: number;
  readonly name: string;
  readonly memoryMiB: number;
  readonly gpuInstance?: number;
  readonly computeInstance?: number;
}

export interface LayoutGpu {
  readonly uuid: string;
  readonly minor: number;
  /** As nvidia-smi writes it: eight digits of domain, in capitals. */
  readonly busId: string;
  readonly model: string;
  readonly brand: string;
  readonly architecture: string;
  readonly memoryMiB: number;
  readonly reservedMiB: number;
  readonly usedMiB: number;
  /** Percent; not told of a GPU that MIG divides. */
  readonly utilisation: number;
  readonly powerWatts: number;
  readonly powerLimitWatts: number;
  readonly temperature: number;
  readonly memoryClockMhz: number;
  readonly graphicsClockMhz: number;
  readonly mig: LayoutMig;
  readonly processes: readonly LayoutProcess[];
}

/** A machine with its driver. The form of what it writes is its driver's; the numbers that name something are made up. */
export interface Layout {
  readonly driver: string;
  readonly cuda: string;
  /** Of the XML: 11, 12 or 13. */
  readonly schema: 11 | 12 | 13;
  /** Fields that this driver does not know. */
  readonly unknownFields: readonly string[];
  readonly gpus: readonly LayoutGpu[];
}

/**
 * @param name of a file in `layouts`, or a path
 * @param machine what makes the UUIDs differ from those of others with the layout; empty: as recorded
 */
export function readLayout(name: string, machine = ""): Layout {
  const path = name.includes("/") ? name : join(import.meta.dirname, "layouts", `${name}.json`);
  const layout = JSON.parse(readFileSync(path, "utf8")) as Layout;
  return machine === "" ? layout : { ...layout, gpus: layout.gpus.map((gpu) => onMachine(gpu, machine)) };
}

function onMachine(gpu: LayoutGpu, machine: string): LayoutGpu {
  const devices = gpu.mig.devices.map((device) => ({ ...device, uuid: salted(device.uuid, machine) }));
  return { ...gpu, uuid: salted(gpu.uuid, machine), mig: { ...gpu.mig, devices } };
}

function salted(uuid: string, machine: string): string {
  const digest = createHash("sha256").update(uuid).update(machine).digest("hex");
  return uuid.slice(0, -12) + digest.slice(0, 12);
}
