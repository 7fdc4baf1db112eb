import { readFileSync } from "node:fs";
import { join } from "node:path";

import { type GpuNode, type GpuPod, wholeMilli } from "@walras/controller/gpu";

/** A recorded cluster, and everything that ran on it. */
export interface PackingTrace {
  readonly nodes: readonly GpuNode[];
  readonly pods: readonly GpuPod[];
}

/**
 * A trace in the form of Alibaba's cluster-trace-gpu-v2023: the only file that lists nodes with `sn,cpu_milli,memory_mib,gpu,model`, and
 * `pods` with `name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec`.
 *
 * @throws Error naming file, line and field
 */
export function readTrace(folder: string, files: { readonly nodes: string; readonly pods: string }): PackingTrace {
  return {
    nodes: readRows(join(folder, files.nodes)).map((row) => ({
      name: row.text("sn"),
      cpuMilli: row.number("cpu_milli"),
      memoryMiB: row.number("memory_mib"),
      gpus: row.number("gpu"),
      model: row.text("model"),
    })),
    pods: readRows(join(folder, files.pods)).map((row) => ({
      name: row.text("name"),
      cpuMilli: row.number("cpu_milli"),
      memoryMiB: row.number("memory_mib"),
      models: row.text("gpu_spec").split("|").filter(Boolean),
      ...askedOf(row.number("num_gpu"), row.number("gpu_milli")),
    })),
  };
}

function askedOf(gpus: number, gpuMilli: number): Pick<GpuPod, "gpus" | "gpuMilli"> {
  if (gpus === 0) return { gpus, gpuMilli: 0 };
  return { gpus, gpuMilli: gpus > 1 ? wholeMilli : gpuMilli };
}

interface Row {
  text(field: string): string;
  number(field: string): number;
}

function readRows(file: string): Row[] {
  const [header = "", ...lines] = readFileSync(file, "utf8").trim().split(/\r?\n/);
  const fields = header.split(",");
  return lines.map((line, index) => rowOf(line.split(","), fields, `${file}:${index + 2}`));
}

function rowOf(cells: readonly string[], fields: readonly string[], origin: string): Row {
  const text = (field: string): string => {
    const cell = cells[fields.indexOf(field)];
    if (cell === undefined) throw new Error(`${origin}: ${field} is missing`);
    return cell;
  };
  return {
    text,
    number: (field) => {
      const cell = text(field);
      if (!/^\d+$/.test(cell)) throw new Error(`${origin}: ${field}: ${JSON.stringify(cell)} is no whole number`);
      return Number(cell);
    },
  };
}
