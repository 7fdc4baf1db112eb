import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { busIdIn, integerIn, uuidIn } from "./values.ts";

/** A GPU by the driver's own files. */
export interface ProcGpu {
  /** Null while nothing has used the GPU since the driver was loaded. */
  readonly uuid: string | null;
  readonly pciBusId: string;
  readonly minor: number | null;
  readonly model: string;
  /** Its administrator keeps it from being used. */
  readonly excluded: boolean;
}

/**
 * The GPUs of `/proc/driver/nvidia`, in the driver's order, which is that of
 * the bus.
 *
 * @returns null where no driver is loaded
 */
export function readProcGpus(procRoot: string): readonly ProcGpu[] | null {
  const folder = join(procRoot, "driver", "nvidia", "gpus");
  const names = listed(folder);
  if (names === null) return null;
  return names
    .toSorted()
    .map((name) => gpuIn(name, contentOf(join(folder, name, "information"))))
    .filter((gpu) => gpu !== null);
}

function gpuIn(name: string, information: string): ProcGpu | null {
  const pciBusId = busIdIn(name);
  if (pciBusId === null) return null;
  const fields = new Map(information.split("\n").map((line) => [before(line), after(line)]));
  return {
    uuid: uuidIn(fields.get("GPU UUID")),
    pciBusId,
    minor: integerIn(fields.get("Device Minor")),
    model: fields.get("Model") ?? "",
    excluded: fields.get("GPU Excluded") === "Yes",
  };
}

function before(line: string): string {
  return line.slice(0, Math.max(0, line.indexOf(":"))).trim();
}

function after(line: string): string {
  return line.slice(line.indexOf(":") + 1).trim();
}

function listed(folder: string): readonly string[] | null {
  try {
    return readdirSync(folder);
  } catch {
    return null;
  }
}

/** A GPU may go while it is looked at. */
function contentOf(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
