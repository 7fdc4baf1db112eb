import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createLogger, systemClock, systemRng } from "@walras/kit";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { GpuReading } from "./gpuState.ts";
import { NvidiaReader, type NvidiaTiming } from "./nvidiaReader.ts";
import { controlVariable, type DoubleControl, machineOf, writeControl } from "./testing/control.ts";
import { doublesOf, loopsOf, writeProcGpu } from "./testing/machine.ts";

const double = join(import.meta.dirname, "testing", "nvidia-smi");
const patience = { timeout: 20_000, interval: 20 };
const quick: NvidiaTiming = {
  detailsEveryMs: 60_000,
  tornAgainMs: 200,
  patienceMs: 20_000,
  firstRestartMs: 50,
  lastRestartMs: 200,
};

let folder: string;
let controlPath: string;
let reader: NvidiaReader;
let said: unknown[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "walras-gpus-"));
  controlPath = join(folder, "control.json");
  said = [];
});

afterEach(() => reader.stop());

function start(control: DoubleControl, timing: Partial<NvidiaTiming> = {}, program = double): void {
  writeControl(controlPath, control);
  const logger = createLogger("test", "silent");
  for (const level of ["info", "warn"] as const)
    vi.spyOn(logger, level).mockImplementation((fields: unknown, message?: string) => {
      said.push(message ?? fields, ...(message === undefined ? [] : [fields]));
    });
  reader = new NvidiaReader({
    program,
    env: { ...process.env, [controlVariable]: controlPath },
    procRoot: folder,
    intervalMs: 50,
    clock: systemClock,
    rng: systemRng,
    logger,
    timing: { ...quick, ...timing },
  });
  reader.start();
}

function until(holds: (reading: GpuReading) => boolean): Promise<GpuReading> {
  return vi.waitUntil(() => {
    const reading = reader.latest();
    return reading !== null && holds(reading) && reading;
  }, patience);
}

const isWell = ({ trouble, gpus }: GpuReading): boolean =>
  trouble === null && gpus.length > 0 && gpus.every(({ processes }) => processes !== null);

const running = (): readonly string[] => [...doublesOf(controlPath).values()];
const loops = (): readonly number[] => loopsOf(controlPath);
const killLoop = (): void => loops().forEach((pid) => process.kill(pid, "SIGKILL"));
const procGpu = (uuid: string, busId?: string): void => writeProcGpu(folder, uuid, busId);

describe("the reader of GPUs", () => {
  it("reads MIG devices by name and processes, and says once which GPUs there are", async () => {
    start({ layout: "a100-mig" });
    const { gpus, source } = await until(isWell);
    expect([source, gpus.map(({ mig }) => mig)]).toEqual(["nvidia-smi", ["enabled", "enabled", "disabled", "enabled"]]);
    expect(gpus[0]?.migDevices[0]).toEqual({
      uuid: "MIG-5f0b7c1d-2e84-5a6f-9b30-c4d8e1f2a3b5",
      profile: "3g.20gb",
      gpuInstance: 2,
      computeInstance: 0,
      memoryTotalMiB: 19_968,
    });
    expect(gpus[1]?.migDevices.map(({ profile }) => profile)).toEqual(["2c.3g.20gb", "1c.3g.20gb"]);
    expect(gpus[2]?.processes).toEqual([{ pid: 30_977, name: "python & <train>", memoryUsedMiB: 30_506 }]);
    const { atMs } = await until(isWell);
    await until((reading) => reading.atMs > atMs);
    expect(said.filter((line) => line === "NVIDIA GPUs")).toHaveLength(1);
    expect(said).toContainEqual({ gpus: 4, models: "4 × NVIDIA A100-SXM4-40GB", source: "nvidia-smi" });
    expect(loops()).toHaveLength(1);
  });

  it("leaves no process behind", async () => {
    start({ layout: "h100x8" });
    await until(isWell);
    await reader.stop();
    expect(running()).toEqual([]);
  });

  it("leaves none behind where the program is a wrapper that waits for it, or still starts", async () => {
    const wrapper = join(folder, "wrapper");
    writeFileSync(wrapper, `#!/bin/sh\n${double} "$@"\nexit $?\n`);
    chmodSync(wrapper, 0o755);
    start({ layout: "t4" }, {}, wrapper);
    await until(isWell);
    await reader.stop();
    expect(running()).toEqual([]);
    start({ layout: "t4", delayMs: 60_000 });
    await vi.waitUntil(() => loops().length > 0, patience);
    await reader.stop();
    expect(running()).toEqual([]);
  });

  it("leaves none behind while details are read", async () => {
    start({ layout: "h100x8" }, { detailsEveryMs: 100 });
    await until(isWell);
    writeControl(controlPath, { layout: "h100x8", delayMs: 60_000 });
    await vi.waitUntil(() => running().some((line) => line.includes("-q -x")), patience);
    await reader.stop();
    expect(running()).toEqual([]);
  });

  it("starts nvidia-smi again after it was killed, never two of them, and holds what it knew", async () => {
    start({ layout: "h100x8" });
    const before = await until(isWell);
    for (let time = 0; time < 3; time += 1) {
      const { atMs } = await until(() => true);
      killLoop();
      const again = await until((reading) => {
        expect(reading.gpus).toHaveLength(8);
        expect(loops().length).toBeLessThanOrEqual(1);
        return reading.atMs > atMs + 300;
      });
      expect(again.gpus.map(({ uuid }) => uuid)).toEqual(before.gpus.map(({ uuid }) => uuid));
    }
    expect(said).toContainEqual({ reason: "nvidia-smi ended: signal SIGKILL" });
  });

  it("kills one that hangs, and another that hangs from its start", async () => {
    start({ layout: "t4" }, { patienceMs: 2500 });
    await until(isWell);
    writeControl(controlPath, { layout: "t4", fault: "hang" });
    const { gpus, trouble } = await until((reading) => reading.trouble !== null);
    expect([gpus, trouble]).toEqual([[], "nvidia-smi has not answered for 2.5 s"]);
    expect(loops().length).toBeLessThanOrEqual(1);
    writeControl(controlPath, { layout: "t4" });
    await until(isWell);
    expect(said).toContain("NVIDIA GPUs are read again");
  });

  it("believes the driver's files while nvidia-smi hangs", async () => {
    procGpu("GPU-9a0e5b7c-31d4-6f08-b2c9-d0e4f71f8a0c");
    start({ layout: "h100x8", fault: "hang" }, { patienceMs: 300 });
    const { source, gpus } = await until(() => true);
    expect([source, gpus]).toMatchObject(["proc", [{ minor: 3, memoryUsedMiB: null, unhealthy: null }]]);
  });

  it("bounds what it takes of one that floods, and of one that writes garbage", async () => {
    start({ layout: "t4", fault: "flood" }, { patienceMs: 3000 });
    expect((await until(() => true)).trouble).toBe("nvidia-smi writes without end");
    writeControl(controlPath, { layout: "t4", fault: "garbage" });
    await until(({ trouble }) => trouble?.startsWith("nvidia-smi has not answered for 3 s: ") === true);
    expect(said.filter((line) => typeof line === "string")).toHaveLength(2);
    expect(JSON.stringify(said).length).toBeLessThan(2000);
    writeControl(controlPath, { layout: "t4" });
    await until(isWell);
  });

  it.each<[NonNullable<DoubleControl["fault"]>, RegExp]>([
    [
      "driver mismatch",
      /^Failed to initialize NVML: Driver\/library version mismatch NVML library version: 550\.144 \(exit code 18\)$/,
    ],
    ["no driver", /couldn't communicate with the NVIDIA driver.*\(exit code 9\)$/],
    ["no devices", /^No devices were found \(exit code 6\)$/],
    ["crash", /^nvidia-smi ended: signal SIGSEGV$/],
  ])("says once what is wrong, and goes on: %s", async (fault, trouble) => {
    start({ layout: "t4", fault });
    const reading = await until((one) => one.trouble !== null);
    expect(reading).toMatchObject({ source: "proc", gpus: [] });
    expect(reading.trouble).toMatch(trouble);
    await until((one) => one.atMs > reading.atMs + 500);
    expect(said).toEqual(["NVIDIA GPUs cannot be read, or not wholly", { reason: reading.trouble }]);
    writeControl(controlPath, { layout: "t4" });
    await until(isWell);
  });

  it("says of every GPU of the driver's files that a driver that does not fit cannot be used", async () => {
    procGpu("GPU-9a0e5b7c-31d4-6f08-b2c9-d0e4f71f8a0c");
    start({ layout: "h100x8" });
    await until(isWell);
    writeControl(controlPath, { layout: "h100x8", fault: "driver mismatch" });
    const { gpus } = await until(({ source }) => source === "proc");
    expect(gpus).toMatchObject([
      { minor: 3, unhealthy: expect.stringContaining("Driver/library version mismatch") as string },
    ]);
  });

  it("tells a GPU that falls off the bus from its neighbours, and again when nvidia-smi starts after it", async () => {
    const { uuid, busId } = machineOf({ layout: "a100-mig" }).gpus[2]!;
    procGpu(uuid, busId.slice(4).toLowerCase());
    start({ layout: "a100-mig" });
    await until(isWell);
    writeControl(controlPath, { layout: "a100-mig", lost: [2] });
    const seen = await until(({ gpus }) => gpus[2]?.unhealthy !== null);
    expect(seen.gpus.map(({ unhealthy }) => unhealthy)).toEqual([null, null, "GPU is lost", null]);
    killLoop();
    const { gpus, trouble } = await until(({ source }) => source === "proc");
    expect(trouble).toContain("Unable to determine the device handle for GPU 0000:47:00.0: GPU is lost.");
    expect(gpus).toMatchObject([{ uuid, unhealthy: "GPU is lost" }]);
  });

  it("names how many GPUs do not answer where one has no row", async () => {
    start({ layout: "h100x8" });
    await until(isWell);
    writeControl(controlPath, { layout: "h100x8", silent: [5] });
    const { gpus } = await until(({ trouble }) => trouble === "nvidia-smi names 7 of 8 GPUs");
    expect(gpus.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 6, 7]);
  });

  it("reads MIG devices anew as soon as the mode changes", async () => {
    const layout = "a100-mig";
    const { devices } = machineOf({ layout }).gpus[0]!.mig;
    start({ layout });
    await until(isWell);
    const pending = { current: "Disabled", pending: "Enabled", devices: [] } as const;
    writeControl(controlPath, { layout, mig: { 2: pending } });
    await until(({ gpus }) => gpus[2]?.mig === "pending");
    const named = devices.slice(0, 2).map((device) => ({ ...device, uuid: device.uuid.replace("MIG-", "MIG-0") }));
    writeControl(controlPath, { layout, mig: { 2: { current: "Enabled", pending: "Enabled", devices: named } } });
    const { gpus } = await until((reading) => reading.gpus[2]?.migDevices.length === 2);
    expect(gpus[2]).toMatchObject({ mig: "enabled", migDevices: [{ profile: "3g.20gb" }, { profile: "2g.10gb" }] });
    writeControl(controlPath, { layout, mig: { 2: { current: "Disabled", pending: "Disabled", devices: [] } } });
    await until((reading) => reading.gpus[2]?.mig === "disabled" && reading.gpus[2].migDevices.length === 0);
  });

  it("sees processes come and go", async () => {
    start({ layout: "t4" }, { detailsEveryMs: 200 });
    await until(({ gpus }) => gpus[0]?.processes?.[0]?.pid === 41_210);
    writeControl(controlPath, { layout: "t4", processes: { 0: [{ pid: 7, name: "foreign", memoryMiB: 100 }] } });
    await until(({ gpus }) => gpus[0]?.processes?.[0]?.pid === 7);
    writeControl(controlPath, { layout: "t4", processes: { 0: [] } });
    await until(({ gpus }) => gpus[0]?.processes?.length === 0);
  });

  it("finds a program that comes later, and says once that there is no GPU until then", async () => {
    const program = join(folder, "nvidia-smi");
    start({ layout: "t4" }, {}, program);
    const reading = await until(() => true);
    expect(reading).toMatchObject({ source: "proc", gpus: [], trouble: "no nvidia-smi and no NVIDIA driver" });
    await until(({ atMs }) => atMs > reading.atMs);
    expect(said).toEqual(["no NVIDIA GPUs", { reason: "no nvidia-smi and no NVIDIA driver" }]);
    procGpu("GPU-9a0e5b7c-31d4-6f08-b2c9-d0e4f71f8a0c");
    await until(({ gpus, trouble }) => gpus.length === 1 && trouble?.startsWith("no program") === true);
    writeFileSync(program, `#!/bin/sh\nexec ${double} "$@"\n`);
    chmodSync(program, 0o755);
    await until(({ source }) => source === "nvidia-smi");
  });
});
