import { readFileSync, renameSync, writeFileSync } from "node:fs";

import { type Layout, type LayoutGpu, type LayoutMig, type LayoutProcess, readLayout } from "./layout.ts";

/** The environment variable that names the control file. */
export const controlVariable = "NVIDIA_SMI_CONTROL";

/** What a driver knows of a GPU that is not well. */
export interface DoubleHealth {
  readonly uncorrectedEcc?: number;
  /** "Reset", "Reboot", "Drain P2P", "Drain and Reset" */
  readonly recoveryAction?: string;
  readonly remappedRowPending?: boolean;
  readonly remappedRowFailure?: boolean;
  readonly pendingRetirement?: boolean;
  readonly resetRequired?: boolean;
}

type ByIndex<Value> = Readonly<Record<number, Value>>;

/**
 * What the double does. The file is read at each start and at each turn of the
 * loop, so that a test switches it while it runs.
 */
export interface DoubleControl {
  /** "a100-mig", "h100x8", "t4", or a path. */
  readonly layout: string;
  /** Makes the UUIDs this machine's own. */
  readonly machine?: string;
  /** Of the whole driver, or of the program. A driver's fault ends a loop that runs. */
  readonly fault?: "driver mismatch" | "no driver" | "no devices" | "hang" | "garbage" | "flood" | "crash";
  /** Indexes of GPUs that have fallen off the bus. */
  readonly lost?: readonly number[];
  /** Indexes of GPUs that nvidia-smi leaves out. */
  readonly silent?: readonly number[];
  /** By GPU and field of the CSV: what is written in place of the value. */
  readonly fields?: ByIndex<Readonly<Record<string, string>>>;
  readonly mig?: ByIndex<LayoutMig>;
  readonly processes?: ByIndex<readonly LayoutProcess[]>;
  readonly health?: ByIndex<DoubleHealth>;
  /** Passes before each answer. */
  readonly delayMs?: number;
}

/** A GPU as the control file makes it. */
export interface DoubleGpu extends LayoutGpu {
  readonly index: number;
  readonly lost: boolean;
  readonly health: DoubleHealth;
  readonly fields: Readonly<Record<string, string>>;
}

/** A machine as the control file makes it. */
export interface DoubleMachine extends Omit<Layout, "gpus"> {
  readonly control: DoubleControl;
  readonly gpus: readonly DoubleGpu[];
}

/** Puts the control file in place at once, so that no half of it is read. */
export function writeControl(path: string, control: DoubleControl): void {
  writeFileSync(`${path}.new`, JSON.stringify(control));
  renameSync(`${path}.new`, path);
}

export function readControl(path: string): DoubleControl {
  return JSON.parse(readFileSync(path, "utf8")) as DoubleControl;
}

export function machineOf(control: DoubleControl): DoubleMachine {
  const { gpus, ...driver } = readLayout(control.layout, control.machine);
  return { ...driver, control, gpus: gpus.map((gpu, index) => gpuOf(gpu, index, control)) };
}

function gpuOf(gpu: LayoutGpu, index: number, control: DoubleControl): DoubleGpu {
  return {
    ...gpu,
    index,
    mig: control.mig?.[index] ?? gpu.mig,
    processes: control.processes?.[index] ?? gpu.processes,
    lost: control.lost?.includes(index) ?? false,
    health: control.health?.[index] ?? {},
    fields: control.fields?.[index] ?? {},
  };
}
