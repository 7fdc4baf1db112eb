import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { DetailParser } from "./gpuDetails.ts";
import { type GpuRow, parseRow, queriedFields } from "./gpuRow.ts";
import type { GpuState } from "./gpuState.ts";
import { type Known, procStates, statesOf } from "./gpuStates.ts";
import { type ProcGpu, readProcGpus } from "./procGpus.ts";
import { type DoubleControl, machineOf } from "./testing/control.ts";
import { csvRound } from "./testing/csv.ts";
import { xmlDocument } from "./testing/xml.ts";

const nothing: Known = { details: null, processesKnown: false, proc: null };

function rowsOf(control: DoubleControl): readonly GpuRow[] {
  const machine = machineOf(control);
  const fields = queriedFields.filter((field) => !machine.unknownFields.includes(field));
  const lines = csvRound(fields, machine).trim().split("\n");
  return lines.map((line) => parseRow(line, fields)).filter((row) => row !== null);
}

function known(control: DoubleControl): Known {
  const parser = new DetailParser();
  parser.push(xmlDocument(machineOf(control)));
  const details = new Map(parser.end().map((detail) => [detail.uuid, { ...detail, migDevices: [] }]));
  return { details, processesKnown: true, proc: null };
}

function read(control: DoubleControl): readonly GpuState[] {
  return statesOf(rowsOf(control), known(control));
}

describe("a GPU's health", () => {
  it.each<[string, DoubleControl, string | null]>([
    ["is good where nothing is said", { layout: "h100x8" }, null],
    ["ends with the bus", { layout: "h100x8", lost: [0] }, "GPU is lost"],
    [
      "is what the driver asks for",
      { layout: "h100x8", health: { 0: { recoveryAction: "Reset" } } },
      "the driver asks for Reset",
    ],
    [
      "is left to a driver that has weighed its errors",
      { layout: "h100x8", health: { 0: { uncorrectedEcc: 2 } } },
      null,
    ],
    ["is left to it with rows that wait", { layout: "h100x8", health: { 0: { remappedRowPending: true } } }, null],
    [
      "ends when there is no spare memory left",
      { layout: "h100x8", health: { 0: { remappedRowFailure: true } } },
      "memory rows have failed and cannot be remapped",
    ],
    [
      "is doubted by errors where the driver does not weigh them",
      { layout: "a100-mig", health: { 0: { uncorrectedEcc: 2 } } },
      "2 uncorrected memory errors since the driver was loaded",
    ],
    [
      "is doubted by pages that wait",
      { layout: "t4", health: { 0: { pendingRetirement: true } } },
      "failed memory waits for a reset to be replaced",
    ],
    [
      "is doubted by a reset that is due",
      { layout: "a100-mig", health: { 0: { resetRequired: true } } },
      "GPU requires reset",
    ],
  ])("%s", (_, control, unhealthy) => {
    expect(read(control)[0]?.unhealthy).toBe(unhealthy);
  });

  it("of one says nothing of the others", () => {
    const states = read({ layout: "h100x8", lost: [3] });
    expect(states.filter(({ unhealthy }) => unhealthy !== null).map(({ index }) => index)).toEqual([3]);
    expect(states[3]).toMatchObject({
      memoryUsedMiB: null,
      utilisation: null,
      minor: 3,
      model: "NVIDIA H100 80GB HBM3",
    });
  });
});

describe("a GPU", () => {
  it("has no processes known until they are read, and none that were read long ago", () => {
    const control = { layout: "t4" };
    expect(read(control)[0]?.processes).toHaveLength(1);
    expect(statesOf(rowsOf(control), nothing)[0]?.processes).toBeNull();
    expect(statesOf(rowsOf(control), { ...known(control), processesKnown: false })[0]?.processes).toBeNull();
  });

  it("that forgets who it is, is known by its place", () => {
    const control = { layout: "h100x8", lost: [2], fields: { 2: { uuid: "[GPU is lost]", index: "[GPU is lost]" } } };
    const [uuid] = machineOf(control)
      .gpus.slice(2)
      .map((gpu) => gpu.uuid);
    expect(read(control)[2]).toMatchObject({ uuid, index: 2, unhealthy: "GPU is lost" });
    expect(statesOf(rowsOf(control), nothing)).toHaveLength(7);
  });

  it("that the driver has and nvidia-smi does not name is there, and not to be used", () => {
    const gpu: ProcGpu = { uuid: "GPU-abcd", pciBusId: "0000:99:00.0", minor: 9, model: "NVIDIA T4", excluded: false };
    const states = statesOf(rowsOf({ layout: "t4" }), {
      ...nothing,
      proc: [gpu, { ...gpu, uuid: null, pciBusId: "0000:9a:00.0" }],
    });
    expect(states.map(({ index, unhealthy }) => [index, unhealthy])).toEqual([
      [0, null],
      [1, "nvidia-smi does not name it"],
    ]);
  });
});

describe("the driver's files", () => {
  function procRoot(gpus: Readonly<Record<string, string>>): string {
    const root = mkdtempSync(join(tmpdir(), "walras-proc-"));
    for (const [busId, information] of Object.entries(gpus)) {
      const folder = join(root, "driver", "nvidia", "gpus", busId);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "information"), information);
    }
    return root;
  }

  const information = (uuid: string, minor: number, excluded = "No"): string =>
    `Model: \t\t NVIDIA H100 80GB HBM3\nIRQ:   \t\t 18\nGPU UUID: \t ${uuid}\nVideo BIOS: \t 96.00.99.00.01\n` +
    `Bus Type: \t PCIe\nBus Location: \t 0000:1b:00.0\nDevice Minor: \t ${minor}\nGPU Excluded:\t ${excluded}\n`;

  it("tell who is there, in the order of the bus", () => {
    const gpus = readProcGpus(
      procRoot({
        "0000:43:00.0": information("GPU-bbbb", 1),
        "0000:1b:00.0": information("GPU-aaaa", 5),
        "0000:61:00.0": information("GPU-????????-????-????-????-????????????", 2),
        "0000:07:00.0": information("GPU-dddd", 3, "Yes"),
        other: "",
      }),
    );
    expect(procStates(gpus ?? [], null)).toMatchObject([
      { uuid: "GPU-aaaa", index: 0, minor: 5, model: "NVIDIA H100 80GB HBM3", memoryUsedMiB: null, unhealthy: null },
      { uuid: "GPU-bbbb", index: 1, minor: 1 },
      { uuid: "GPU-dddd", unhealthy: "its administrator has excluded it" },
    ]);
    expect(readProcGpus(procRoot({}))).toBeNull();
  });

  it("say with nvidia-smi's words which GPU is lost, or that none can be used", () => {
    const gpu = (uuid: string, pciBusId: string): ProcGpu => ({ uuid, pciBusId, minor: 0, model: "", excluded: false });
    const gpus = [gpu("GPU-aaaa", "0000:1b:00.0"), gpu("GPU-bbbb", "0000:43:00.0")];
    const healthOf = (trouble: string): unknown => procStates(gpus, trouble).map(({ unhealthy }) => unhealthy);
    const handle = "Unable to determine the device handle for GPU";
    expect(healthOf(`${handle} 0000:43:00.0: GPU is lost.  Reboot the system`)).toEqual([null, "GPU is lost"]);
    expect(healthOf(`${handle}0000:1B:00.0: Unknown Error (exit code 255)`)).toEqual(["Unknown Error", null]);
    const mismatch = "Failed to initialize NVML: Driver/library version mismatch";
    expect(healthOf(mismatch)).toEqual([mismatch, mismatch]);
    expect(healthOf("nvidia-smi has not answered for 30 s")).toEqual([null, null]);
  });
});
