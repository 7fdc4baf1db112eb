import type { SeenGpu, SeenProcess } from "./sight.ts";

const gpuLine = /^GPU (?<index>\d+): (?<model>.*) \(UUID: (?<uuid>[^)\s]+)\)\s*$/;
const migLine = /^\s+MIG (?<profile>\S+)\s+Device\s+\d+: \(UUID: (?<uuid>[^)\s]+)\)\s*$/;

/** What `nvidia-smi -L` lists. */
export interface Listed {
  /** A GPU that is divided by MIG is followed by its devices, which have its index. */
  readonly gpus: readonly SeenGpu[];
  /** Lines that list nothing: what is wrong, in NVIDIA's words. */
  readonly complaint: string | null;
}

/** Reads the output of `nvidia-smi -L`, both streams together. */
export function parseList(output: string): Listed {
  const gpus: SeenGpu[] = [];
  const others: string[] = [];
  for (const line of output.split("\n")) {
    const gpu = gpuOf(line, gpus.at(-1)?.index ?? 0);
    if (gpu) gpus.push(gpu);
    else if (line.trim() !== "") others.push(line.trim());
  }
  return { gpus, complaint: others.length === 0 ? null : others.join(" ") };
}

/** @param above index of the GPU that the last line was of */
function gpuOf(line: string, above: number): SeenGpu | null {
  const { index, model = "", uuid = "" } = gpuLine.exec(line)?.groups ?? {};
  if (index !== undefined) return { index: Number(index), uuid, model };
  const part = migLine.exec(line)?.groups;
  return part ? { index: above, uuid: part["uuid"] ?? "", model: `MIG ${part["profile"]}` } : null;
}

/** Reads `--query-compute-apps=gpu_uuid,pid,process_name --format=csv,noheader`; a line that is none of that says nothing. */
export function parseApps(output: string): readonly SeenProcess[] {
  return output.split("\n").flatMap((line) => {
    const { gpu, pid, name } = /^(?<gpu>(?:GPU|MIG)-\S+), (?<pid>\d+), (?<name>.*)$/.exec(line.trim())?.groups ?? {};
    return gpu === undefined || pid === undefined ? [] : [{ gpu, pid: Number(pid), name: name ?? "" }];
  });
}
