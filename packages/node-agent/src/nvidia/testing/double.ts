// A double of nvidia-smi, started by the file `nvidia-smi` beside it. What it does is in the file that
// NVIDIA_SMI_CONTROL names (control.ts); machines to choose from are in `layouts`.
// usage: nvidia-smi -L | -q -x | --query-compute-apps=gpu_uuid,pid,process_name --format=csv,noheader |
//  --query-gpu=FIELDS --format=csv,noheader,nounits [--loop-ms=N]
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";

import { controlVariable, type DoubleControl, type DoubleMachine, machineOf, readControl } from "./control.ts";
import { csvRound, unknownField } from "./csv.ts";
import { appList, gpuList } from "./list.ts";
import { xmlDocument } from "./xml.ts";

/** What the program says and how it exits where the driver cannot be asked. */
const driverFaults: Readonly<Record<string, readonly [code: number, text: string]>> = {
  "driver mismatch": [18, "Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 550.144"],
  "no driver": [
    9,
    "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. " +
      "Make sure that the latest NVIDIA driver is installed and running.\n",
  ],
  "no devices": [6, "No devices were found"],
};

process.stdout.on("error", () => process.exit(1));

const controlPath = process.env[controlVariable] ?? "";
const { values } = parseArgs({
  options: {
    "list-gpus": { type: "boolean", short: "L" },
    query: { type: "boolean", short: "q" },
    "xml-format": { type: "boolean", short: "x" },
    "query-gpu": { type: "string" },
    "query-compute-apps": { type: "string" },
    format: { type: "string" },
    "loop-ms": { type: "string" },
  },
});
const fields = values["query-gpu"]?.split(",") ?? [];

await answer();

async function answer(): Promise<void> {
  const machine = await nextMachine();
  failWhereLost(machine);
  const unknown = unknownField(fields, machine);
  if (unknown !== null) exitWith(2, `Field "${unknown}" is not a valid field to query.\n`);
  if (values["list-gpus"] === true) return say(gpuList(machine));
  if (values["query-compute-apps"] !== undefined) return say(appList(machine));
  if (values.query === true) return say(xmlDocument(machine));
  await round(machine);
  const loopMs = Number(values["loop-ms"] ?? 0);
  if (loopMs === 0) return;
  for (;;) {
    await delay(loopMs);
    await round(await nextMachine());
  }
}

async function nextMachine(): Promise<DoubleMachine> {
  const control = readControl(controlPath);
  if (control.delayMs !== undefined) await delay(control.delayMs);
  await misbehave(control);
  return machineOf(control);
}

async function round(machine: DoubleMachine): Promise<void> {
  if (fields.length === 0) exitWith(2, "Invalid combination of input arguments.");
  await say(csvRound(fields, machine));
}

async function misbehave({ fault }: DoubleControl): Promise<void> {
  const [code, text] = driverFaults[fault ?? ""] ?? [0, ""];
  if (code > 0) exitWith(code, text);
  if (fault === "crash") process.kill(process.pid, "SIGSEGV");
  if (fault === "hang") for (;;) await delay(60_000);
  if (fault === "flood") for (;;) await say(`${"0, ".repeat(5000)}\n`.repeat(10));
  if (fault === "garbage") for (;;) await say("\u0000\uFFFD<<GPU>, 0,,\n").then(() => delay(20));
}

/** A program that starts after a GPU was lost finds it so: drivers up to schema 12 then say nothing of the others. */
function failWhereLost({ gpus, schema }: DoubleMachine): void {
  const lost = gpus.find((gpu) => gpu.lost);
  if (lost === undefined || schema > 12) return;
  const busId = lost.busId.slice(4);
  exitWith(
    15,
    `Unable to determine the device handle for GPU ${busId}: GPU is lost.  Reboot the system to recover this GPU`,
  );
}

async function say(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}

function exitWith(code: number, text: string): never {
  process.stdout.write(`${text}\n`);
  process.exit(code);
}
