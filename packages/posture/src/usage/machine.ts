import { readFile } from "node:fs/promises";

import { currentLoad, graphics, mem } from "systeminformation";

import type { Usage, UsageMeter } from "./usage.ts";

/** Where the kernel of NVIDIA's Tegra boards tells the load of their GPU, in tenths of a percent. */
const tegraLoad = ["/sys/devices/platform/gpu.0/load", "/sys/devices/gpu.0/load"];

type GpuReader = () => Promise<number | null>;

/** Reads this machine. What cannot be read is null, never zero. */
export class MachineUsage implements UsageMeter {
  #gpu: Promise<GpuReader> | undefined;

  async read(): Promise<Usage> {
    this.#gpu ??= findGpu();
    const gpu = await this.#gpu;
    const [cpuPct, ramPct, gpuPct] = await Promise.all([known(cpu), known(ram), known(gpu)]);
    return { cpuPct, ramPct, gpuPct };
  }
}

const cpu = async (): Promise<number> => (await currentLoad()).currentLoad;

const ram = async (): Promise<number> => {
  const { total, available } = await mem();
  return ((total - available) / total) * 100;
};

const nvidia: GpuReader = async () => {
  const { controllers } = await graphics();
  const loads = controllers.flatMap(({ utilizationGpu }) => utilizationGpu ?? []);
  return loads.length === 0 ? null : Math.max(...loads);
};

const noGpu: GpuReader = () => Promise.resolve(null);

/** Looked for once: each look starts several processes. */
async function findGpu(): Promise<GpuReader> {
  for (const file of tegraLoad) {
    const load = async (): Promise<number> => Number(await readFile(file, "utf8")) / 10;
    if ((await known(load)) !== null) return load;
  }
  return (await known(nvidia)) === null ? noGpu : nvidia;
}

async function known(read: GpuReader): Promise<number | null> {
  try {
    const value = await read();
    return value !== null && Number.isFinite(value) ? value : null;
  } catch {
    return null;
  }
}
