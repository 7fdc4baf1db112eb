import { describe, expect, it } from "vitest";

import { isNeeded, parseRow, queriedFields, unknownFieldIn } from "./gpuRow.ts";
import { machineOf } from "./testing/control.ts";
import { csvRound } from "./testing/csv.ts";

function rowsOf(layout: string, fields: Readonly<Record<string, string>> = {}): ReturnType<typeof parseRow>[] {
  const machine = machineOf({ layout, fields: { 0: fields } });
  const asked = queriedFields.filter((field) => !machine.unknownFields.includes(field));
  return csvRound(asked, machine)
    .trim()
    .split("\n")
    .map((line) => parseRow(line, asked));
}

describe("a row of nvidia-smi", () => {
  it("tells what each of the layouts has", () => {
    expect(rowsOf("t4")).toEqual([
      {
        count: 1,
        index: 0,
        uuid: "GPU-4c1f2a8e-7d3b-5e90-a6f1-0b9d2c3e4f50",
        pciBusId: "0000:00:1e.0",
        model: "Tesla T4",
        memoryTotalMiB: 15_360,
        memoryUsedMiB: 1032,
        utilisation: 0.37,
        powerWatts: 26.78,
        temperatureCelsius: 40,
        mig: null,
        uncorrectedEcc: 0,
        recoveryAction: null,
        failure: null,
      },
    ]);
    expect(rowsOf("h100x8").map((row) => [row?.index, row?.mig, row?.recoveryAction])).toEqual(
      Array.from({ length: 8 }, (_, index) => [index, "disabled", "None"]),
    );
    expect(rowsOf("a100-mig").map((row) => [row?.mig, row?.utilisation])).toEqual([
      ["enabled", null],
      ["enabled", null],
      ["disabled", 0.64],
      ["enabled", null],
    ]);
  });

  it.each(["N/A", "[N/A]", "[Not Supported]", "[Unknown Error]", "ERR!", "[Insufficient Permissions]", "", "-3", "?"])(
    "knows nothing of a field that is %j, and all of the others",
    (word) => {
      const [row] = rowsOf("t4", { "utilization.gpu": word });
      expect(row).toMatchObject({ utilisation: null, powerWatts: 26.78, failure: null });
    },
  );

  it.each([
    ["[GPU is lost]", "GPU is lost"],
    ["[GPU requires reset]", "GPU requires reset"],
  ])("takes %j in one field for the GPU itself", (word, failure) => {
    expect(rowsOf("h100x8", { "temperature.gpu": word })[0]).toMatchObject({ temperatureCelsius: null, failure });
  });

  it("takes errors alone for a failure of the GPU", () => {
    const error = "[Unknown Error]";
    const fields = { "memory.used": error, "utilization.gpu": error, "power.draw": "ERR!", "temperature.gpu": error };
    expect(rowsOf("h100x8", fields)[0]?.failure).toBe("it answers with errors alone");
  });

  it("says that a MIG mode is pending when another than the present one waits for a reset", () => {
    expect(rowsOf("h100x8", { "mig.mode.pending": "Enabled" })[0]?.mig).toBe("pending");
    expect(rowsOf("h100x8", { "mig.mode.pending": "[N/A]" })[0]?.mig).toBe("disabled");
  });

  it.each(["", "No devices were found", "1, 0", ", ".repeat(queriedFields.length - 1)])("is none: %j", (line) => {
    expect(parseRow(line, queriedFields)).toBeNull();
  });

  it("is asked for without a field that the driver does not know, but for those that name the GPU", () => {
    expect(unknownFieldIn('Field "gpu_recovery_action" is not a valid field to query.')).toBe("gpu_recovery_action");
    expect(unknownFieldIn("No devices were found")).toBeNull();
    expect([isNeeded("uuid"), isNeeded("gpu_recovery_action")]).toEqual([true, false]);
  });
});
