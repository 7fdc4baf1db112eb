import { type Gpu, MigMode } from "@walras/proto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { agentLimits } from "../../../bounds/agentLimits.ts";
import { Rejections } from "../rejections.ts";
import { aGpu, aProcess, aSection, gpuUuid, heldByPod } from "../testing.ts";
import { readGpus } from "./gpus.ts";

function read(gpus: Gpu[], given: Parameters<typeof aSection>[1] = {}) {
  const rejections = new Rejections();
  const reading = readGpus(aSection(gpus, given), 10_000, rejections);
  return { reading, indices: reading?.gpus.map(({ index }) => index), rejections: rejections.all() };
}

const many = <Item>(count: number, make: (at: number) => Item): Item[] =>
  Array.from({ length: count }, (_, at) => make(at));
const migUuid = "MIG-00000000-0000-0000-0000-000000000001";
const mig = { uuid: migUuid, profile: "1g.10gb", gpuInstance: 7, computeInstance: 0 };

describe("GPUs of a report", () => {
  it("are as old as their reading, and in the ledger's units", () => {
    const busy = aGpu(0, { utilisationPermille: 345, powerMilliwatts: 70_500, mig: MigMode.MIG_MODE_ENABLED });
    const { reading, rejections } = read([{ ...busy, migDevices: [mig], processes: { processes: [], leftOut: 2 } }], {
      ageMillis: 1_500,
      holdersTrouble: "permission denied",
    });
    expect(reading).toMatchObject({
      atMs: 8_500,
      source: "nvidia-smi",
      trouble: null,
      holdersTrouble: "permission denied",
    });
    expect(reading?.gpus).toMatchObject([
      { utilisation: 0.345, powerWatts: 70.5, mig: "enabled", migDevices: [{ uuid: migUuid }], processesLeftOut: 2 },
    ]);
    expect(rejections).toEqual([]);
  });

  it("that tell no number and no processes are known without them, and not as idle", () => {
    const { processes: _, ...blind } = aGpu(0);
    const unknown = { memoryUsedMib: undefined, utilisationPermille: undefined, mig: MigMode.MIG_MODE_UNSPECIFIED };
    const { reading } = read([{ ...blind, ...unknown }]);
    expect(reading?.gpus).toMatchObject([{ memoryUsedMiB: null, utilisation: null, mig: null, processes: null }]);
  });

  it("say nothing new where there is no section", () => {
    expect(readGpus(undefined, 0, new Rejections())).toBeNull();
  });

  it.each<[string, Partial<Gpu>]>([
    ['uuid "0"', { uuid: "0" }],
    ['uuid ""', { uuid: "" }],
    ["index 5000", { index: 5_000 }],
    ["minor 4000000000", { minor: 4_000_000_000 }],
    ["memory_total_mib 4294967295", { memoryTotalMib: 4_294_967_295 }],
    ["memory_used_mib 90000, more than 81559", { memoryUsedMib: 90_000 }],
    ["utilisation_permille 1001", { utilisationPermille: 1_001 }],
    ["power_milliwatts 4294967295", { powerMilliwatts: 4_294_967_295 }],
    ["temperature_celsius 2147483647", { temperatureCelsius: 2_147_483_647 }],
    ["temperature_celsius NaN", { temperatureCelsius: NaN }],
    [String.raw`model "a\nb"`, { model: "a\nb" }],
    ["mig_devices has 17, more than 16", { migDevices: many(17, () => mig) }],
    ['mig_devices[1].uuid "x"', { migDevices: [mig, { ...mig, uuid: "x" }] }],
    ["holders has 65, more than 64", { holders: many(65, (at) => heldByPod(`p-${at}`)) }],
    ['holders[0].pod "No Name"', { holders: [heldByPod("No Name")] }],
    ['offered_as[0].name ""', { offeredAs: [""] }],
    [
      "processes has 65, more than 64",
      { processes: { processes: many(65, (at) => aProcess(at + 1, null)), leftOut: 0 } },
    ],
    ["processes[0].pid 0", { processes: { processes: [aProcess(0, null)], leftOut: 0 } }],
    [`uuid ${gpuUuid(0)} is another's`, { uuid: gpuUuid(0) }],
    ["index 0 is another's", { index: 0 }],
    ["minor 0 is another's", { minor: 0 }],
  ])("with %s are refused by name, and the others are kept", (complaint, wrong) => {
    const { reading, indices, rejections } = read([aGpu(0), aGpu(1, wrong), aGpu(2)]);
    expect(indices).toEqual([0, 2]);
    expect(rejections).toMatchObject([{ reason: "BadGpu" }]);
    expect(rejections[0]?.detail).toContain(`gpus[1].${complaint}`);
    expect(reading?.trouble).toBe("1 of its GPUs are not believed");
  });

  it("beyond the most there can be are refused in a few words", () => {
    const { indices, rejections } = read(many(1_000, (at) => aGpu(at)));
    expect(indices).toHaveLength(agentLimits.gpus);
    expect(rejections).toHaveLength(agentLimits.rejectionsTold + 1);
    expect(rejections.at(-1)).toMatchObject({ reason: "BadGpu", count: 1_000 - 64 - agentLimits.rejectionsTold });
  });

  it("are refused in few words however long theirs are", () => {
    const { rejections } = read([aGpu(0, { model: "x".repeat(200_000), uuid: "y".repeat(200_000) })]);
    expect(rejections[0]?.detail.length).toBeLessThanOrEqual(agentLimits.reasonChars);
  });

  it("are possible ones only, whatever an agent says", () => {
    const anyInt = fc.integer({ min: -(2 ** 31), max: 2 ** 32 - 1 });
    const anyGpu = fc.record({
      index: anyInt,
      minor: fc.option(anyInt, { nil: undefined }),
      memoryTotalMib: fc.option(anyInt, { nil: undefined }),
      memoryUsedMib: fc.option(anyInt, { nil: undefined }),
      utilisationPermille: fc.option(anyInt, { nil: undefined }),
      model: fc.string({ unit: "binary" }),
      mig: anyInt as fc.Arbitrary<MigMode>,
    });
    fc.assert(
      fc.property(fc.array(anyGpu, { maxLength: 4 }), (gpus) => {
        const { reading, rejections } = read(gpus.map((gpu, at) => aGpu(at, gpu)));
        expect((reading?.gpus.length ?? 0) + rejections.length).toBe(gpus.length);
        for (const { index, utilisation, memoryUsedMiB, memoryTotalMiB } of reading?.gpus ?? []) {
          expect(index).toBeGreaterThanOrEqual(0);
          expect(utilisation ?? 0).toBeLessThanOrEqual(1);
          expect(memoryUsedMiB ?? 0).toBeLessThanOrEqual(memoryTotalMiB ?? Infinity);
        }
      }),
    );
  });
});
