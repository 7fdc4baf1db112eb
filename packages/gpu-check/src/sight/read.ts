import { parseApps, parseList } from "./nvidiaSmi.ts";
import type { Machine, Printed } from "./machine.ts";
import { readProc } from "./proc.ts";
import type { Sight } from "./sight.ts";

/** What changes while the pod runs. */
export type Devices = Pick<Sight, "gpus" | "source" | "deviceFiles" | "processes" | "trouble">;

const longestTrouble = 1000;

/** Reads the devices that the container has: by nvidia-smi, or by the driver's own files. */
export async function readDevices(machine: Machine): Promise<Devices> {
  const deviceFiles = await readDeviceFiles(machine);
  const listed = await machine.nvidiaSmi(["-L"]);
  if (listed !== null) return { deviceFiles, ...(await bySmi(machine, listed)) };
  const gpus = await readProc(machine);
  return {
    deviceFiles,
    gpus: gpus && [...gpus],
    source: gpus === null ? null : "proc",
    processes: null,
    trouble: null,
  };
}

async function bySmi(machine: Machine, { output, failure }: Printed): Promise<Omit<Devices, "deviceFiles">> {
  const { gpus, complaint } = parseList(output);
  const trouble = complaint ?? failure;
  const said = trouble === null ? null : trouble.slice(0, longestTrouble);
  // Who lists none and fails knows nothing: that is not the same as no GPU.
  if (gpus.length === 0 && failure !== null)
    return { gpus: null, source: "nvidia-smi", processes: null, trouble: said };
  const apps = await machine.nvidiaSmi(["--query-compute-apps=gpu_uuid,pid,process_name", "--format=csv,noheader"]);
  const processes = apps === null || apps.failure !== null ? null : parseApps(apps.output);
  return { gpus: [...gpus], source: "nvidia-smi", processes: processes && [...processes], trouble: said };
}

async function readDeviceFiles(machine: Machine): Promise<number[]> {
  const names = await machine.namesIn("/dev");
  return names
    .flatMap((name) => /^nvidia(\d{1,4})$/.exec(name)?.[1] ?? [])
    .map(Number)
    .toSorted((one, other) => one - other);
}
