import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { appendResult, savePicture } from "./files.ts";
import { resultOf } from "./testing/result.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "results-"));
});

afterEach(() => rm(folder, { recursive: true }));

describe("the CSV file", () => {
  it("has the prototype's columns once and a row for each loop; what is not known is empty, never zero", async () => {
    const file = join(folder, "out", "results.csv");
    await appendResult(file, resultOf({ loop: 1, gpuPct: null, meanSeconds: 0.123_456_78 }));
    await appendResult(file, resultOf({ loop: 2, piId: 'a,"b"', gpuPct: 0 }));
    expect((await readFile(file, "utf8")).split("\n")).toEqual([
      "loop_index,copies_in_loop,processed_count,avg_process_time_seconds,pi_id,loop_received_time,avg_gpu_pct,avg_cpu_pct,avg_ram_pct",
      "1,100,99,0.123457,pi1,2026-03-01T10:00:00.000Z,,40,50",
      '2,100,99,0.25,"a,""b""",2026-03-01T10:00:00.000Z,0,40,50',
      "",
    ]);
  });
});

describe("pictures", () => {
  it("are named by loop, sender and time, inside their folder whoever the sender says it is", async () => {
    const saved = await savePicture(folder, resultOf({ loop: 3, piId: "../../etc/passwd" }), new Uint8Array([1, 2]));
    const long = await savePicture(folder, resultOf({ piId: "x".repeat(500) }), new Uint8Array([1]));
    expect(dirname(saved)).toBe(folder);
    expect(long.length).toBeLessThan(folder.length + 100);
    expect(await readdir(folder)).toContain("03-______etc_passwd-20260301T100000000Z.jpg");
  });
});
