import type { GpuState } from "./gpuState.ts";
import { busIdIn, deviceFailureIn, integerIn, isErrorWord, numberIn, textIn, uuidIn } from "./values.ts";

/** Without these a row says nothing of anybody. */
const neededFields = ["index", "uuid", "pci.bus_id", "name"] as const;
const measuredFields = ["memory.used", "utilization.gpu", "power.draw", "temperature.gpu"] as const;

/** What is asked of each GPU; drivers that do not know one of the others are asked without it. */
export const queriedFields: readonly string[] = [
  "count",
  ...neededFields,
  "memory.total",
  ...measuredFields,
  "mig.mode.current",
  "mig.mode.pending",
  "ecc.errors.uncorrected.volatile.total",
  "gpu_recovery_action",
];

/** One line of nvidia-smi; null: not told. */
export interface GpuRow {
  /** GPUs that the driver has. */
  readonly count: number | null;
  readonly index: number | null;
  readonly uuid: string | null;
  readonly pciBusId: string | null;
  readonly model: string | null;
  readonly memoryTotalMiB: number | null;
  readonly memoryUsedMiB: number | null;
  /** 0..1 */
  readonly utilisation: number | null;
  readonly powerWatts: number | null;
  readonly temperatureCelsius: number | null;
  readonly mig: GpuState["mig"];
  readonly uncorrectedEcc: number | null;
  /** "None", or what the driver wants done to it. */
  readonly recoveryAction: string | null;
  /** What was written in place of values, where it concerns the GPU itself. */
  readonly failure: string | null;
}

/** The field that a driver does not know, as it complains; null where the line is something else. */
export function unknownFieldIn(line: string): string | null {
  return /^Field "([\w.]+)" is not a valid field to query/.exec(line)?.[1] ?? null;
}

export function isNeeded(field: string): boolean {
  return neededFields.some((needed) => needed === field);
}

/** @param fields those asked for, in order @returns null where the line is not a row that names a GPU */
export function parseRow(line: string, fields: readonly string[]): GpuRow | null {
  const columns = line.split(",");
  if (columns.length !== fields.length) return null;
  const byField = new Map(fields.map((field, at) => [field, columns[at]?.trim() ?? ""]));
  const row = rowOf((field) => byField.get(field));
  return (row.uuid ?? row.pciBusId ?? row.index) === null ? null : row;
}

type Column = (field: string) => string | undefined;

function rowOf(column: Column): GpuRow {
  const percent = numberIn(column("utilization.gpu"));
  return {
    count: integerIn(column("count")),
    index: integerIn(column("index")),
    uuid: uuidIn(column("uuid")),
    pciBusId: busIdIn(column("pci.bus_id")),
    model: textIn(column("name")),
    memoryTotalMiB: numberIn(column("memory.total")),
    memoryUsedMiB: numberIn(column("memory.used")),
    utilisation: percent === null ? null : Math.min(1, percent / 100),
    powerWatts: numberIn(column("power.draw")),
    temperatureCelsius: numberIn(column("temperature.gpu")),
    mig: migMode(column("mig.mode.current"), column("mig.mode.pending")),
    uncorrectedEcc: integerIn(column("ecc.errors.uncorrected.volatile.total")),
    // "None" is an answer here, not a missing one.
    recoveryAction: column("gpu_recovery_action") === "None" ? "None" : textIn(column("gpu_recovery_action")),
    failure: failureOf(column),
  };
}

/** The mode now and the one after a reset; a driver that does not tell the latter has none waiting. */
function migMode(current: string | undefined, pending: string | undefined): GpuState["mig"] {
  const mode = textIn(current)?.toLowerCase() ?? null;
  if (mode !== "enabled" && mode !== "disabled") return null;
  const next = textIn(pending)?.toLowerCase() ?? mode;
  return next === mode ? mode : "pending";
}

function failureOf(column: Column): string | null {
  for (const field of queriedFields) {
    const failure = deviceFailureIn(column(field));
    if (failure !== null) return failure;
  }
  return measuredFields.every((field) => isErrorWord(column(field))) ? "it answers with errors alone" : null;
}
