import type { DoubleGpu, DoubleMachine } from "./control.ts";

type Value = (gpu: DoubleGpu, machine: DoubleMachine) => string | number | null;

const isDivided = (gpu: DoubleGpu): boolean => gpu.mig.current === "Enabled";
const mode = (word: string): string | null => (word === "N/A" ? null : word);

/** Who it is stays known of a GPU that is lost; all else does not. */
const identities: Readonly<Record<string, Value>> = {
  count: (_, { gpus }) => gpus.length,
  index: ({ index }) => index,
  uuid: ({ uuid }) => uuid,
  "pci.bus_id": ({ busId }) => busId,
  name: ({ model }) => model,
  driver_version: (_, { driver }) => driver,
};

const measures: Readonly<Record<string, Value>> = {
  "memory.total": ({ memoryMiB }) => memoryMiB,
  "memory.used": ({ usedMiB }) => usedMiB,
  "memory.free": ({ memoryMiB, reservedMiB, usedMiB }) => memoryMiB - reservedMiB - usedMiB,
  "utilization.gpu": (gpu) => (isDivided(gpu) ? null : gpu.utilisation),
  "power.draw": ({ powerWatts }) => powerWatts.toFixed(2),
  "temperature.gpu": ({ temperature }) => temperature,
  "mig.mode.current": ({ mig }) => mode(mig.current),
  "mig.mode.pending": ({ mig }) => mode(mig.pending),
  "ecc.errors.uncorrected.volatile.total": ({ health }) => health.uncorrectedEcc ?? 0,
  gpu_recovery_action: ({ health }) => health.recoveryAction ?? "None",
};

/** The first of the fields that the machine's driver does not know. */
export function unknownField(fields: readonly string[], { unknownFields }: DoubleMachine): string | null {
  const isUnknown = (field: string): boolean => unknownFields.includes(field) || valueOf(field) === undefined;
  return fields.find(isUnknown) ?? null;
}

/** One round of `--format=csv,noheader,nounits`: a line for each GPU. */
export function csvRound(fields: readonly string[], machine: DoubleMachine): string {
  const { gpus, control } = machine;
  const told = gpus.filter(({ index }) => control.silent?.includes(index) !== true);
  return told.map((gpu) => `${fields.map((field) => cell(field, gpu, machine)).join(", ")}\n`).join("");
}

function cell(field: string, gpu: DoubleGpu, machine: DoubleMachine): string {
  const forced = gpu.fields[field];
  if (forced !== undefined) return forced;
  if (gpu.lost && field in measures) return "[GPU is lost]";
  return String(valueOf(field)?.(gpu, machine) ?? "[N/A]");
}

function valueOf(field: string): Value | undefined {
  return identities[field] ?? measures[field];
}
