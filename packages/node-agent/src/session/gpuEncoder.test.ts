import { VirtualClock } from "@walras/kit";
import { GpuSection, GpuSource, HeldBy, MigMode, ProcessPlace as WirePlace } from "@walras/proto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { ProcessPlace } from "../cgroup/processGroup.ts";
import type { GpuProcess, GpuState } from "../nvidia/gpuState.ts";
import type { GpuSample } from "../sample/gpuSampler.ts";
import { aGpu, gpuUuid, heldOf } from "../testing/gpus.ts";
import { readingOf } from "../testing/readings.ts";
import { GpuEncoder } from "./gpuEncoder.ts";
import { ReportEncoder } from "./reportEncoder.ts";

function sampleOf(gpus: readonly GpuState[], given: Partial<GpuSample> = {}): GpuSample {
  return {
    reading: { atMs: 0, source: "nvidia-smi", gpus, trouble: null },
    readMs: 0,
    holders: new Map(),
    holdersTrouble: null,
    offers: new Map(),
    offersTrouble: null,
    places: new Map(),
    ...given,
  };
}

/** An encoder, and what it is told next. */
function aStream(first: GpuSample | null) {
  const clock = new VirtualClock();
  const source = { now: first, sample: () => source.now };
  return { clock, source, encoder: new GpuEncoder(source, clock) };
}

/** What is told of a second reading to whom the first was told a second ago. */
async function toldThen(before: GpuState, after: GpuState): Promise<GpuSection | undefined> {
  const { clock, source, encoder } = aStream(sampleOf([before]));
  encoder.next(true);
  await clock.advance(1000);
  source.now = sampleOf([after]);
  return encoder.next(false);
}

const processOf = (pid: number): GpuProcess => {
  return { pid, name: "python", memoryUsedMiB: 500 };
};

describe("what is told of GPUs", () => {
  it("is everything that is known, and nothing that is not", () => {
    const mig = { uuid: "MIG-1", profile: "1g.10gb", gpuInstance: 7, computeInstance: 0, memoryTotalMiB: null };
    const busy = aGpu(0, {
      utilisation: 0.345,
      powerWatts: 70.5,
      mig: "enabled",
      migDevices: [mig],
      xid: 79,
      unhealthy: "it has fallen off the bus",
      processes: [7, 8, 9].map(processOf),
    });
    const blind = aGpu(1, { minor: null, memoryUsedMiB: null, utilisation: null, mig: null, processes: null });
    const sample = sampleOf([busy, blind], {
      holders: new Map([[gpuUuid(0), [heldOf("train", [gpuUuid(0)])]]]),
      offers: new Map([[gpuUuid(0), [{ resource: "nvidia.com/gpu", deviceIds: [] }]]]),
      offersTrouble: "not told",
      places: new Map<number, ProcessPlace>([
        [7, { containerId: "c1", podName: "uid-1" }],
        [8, "unknown"],
        [9, "outside"],
      ]),
    });
    const section = aStream(sample).encoder.next(false);
    expect(section).toMatchObject({
      source: GpuSource.GPU_SOURCE_NVIDIA_SMI,
      ageMillis: 0,
      trouble: "",
      holdersTrouble: "",
      offersTrouble: "not told",
    });
    expect(section?.gpus[0]).toMatchObject({
      utilisationPermille: 345,
      powerMilliwatts: 70_500,
      mig: MigMode.MIG_MODE_ENABLED,
      migDevices: [{ uuid: "MIG-1", gpuInstance: 7 }],
      xid: 79,
      unhealthy: "it has fallen off the bus",
      holders: [{ namespace: "ns", pod: "train", by: HeldBy.HELD_BY_DEVICE_PLUGIN }],
      offeredAs: ["nvidia.com/gpu"],
    });
    expect(section?.gpus[0]?.processes).toMatchObject({
      leftOut: 0,
      processes: [
        { pid: 9, place: WirePlace.PROCESS_PLACE_OUTSIDE, containerId: "" },
        { pid: 7, place: WirePlace.PROCESS_PLACE_CONTAINER, containerId: "c1", podName: "uid-1" },
        { pid: 8, place: WirePlace.PROCESS_PLACE_UNSPECIFIED, containerId: "" },
      ],
    });
    const { minor, memoryUsedMib, utilisationPermille, processes } = section!.gpus[1]!;
    expect([minor, memoryUsedMib, utilisationPermille, processes]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it.each<[string, Partial<GpuState>, boolean]>([
    ["a few degrees, watts and MiB", { temperatureCelsius: 32, powerWatts: 74, memoryUsedMiB: 60 }, false],
    ["an idle GPU at work", { utilisation: 0.6 }, true],
    ["a GPU that heats up", { temperatureCelsius: 60 }, true],
    ["memory in use", { memoryUsedMiB: 4000 }, true],
    ["a number that is not known any more, though it was almost nothing", { memoryUsedMiB: null }, true],
    ["bad health", { unhealthy: "Xid 79" }, true],
    ["a process", { processes: [processOf(7)] }, true],
    ["processes that are not known any more", { processes: null }, true],
  ])("is told again at once of %s or not", async (_, change, told) => {
    expect((await toldThen(aGpu(0), aGpu(0, change))) !== undefined).toBe(told);
  });

  it("is told again of a process that takes more memory", async () => {
    const grown = { ...processOf(7), memoryUsedMiB: 5000 };
    expect(await toldThen(aGpu(0, { processes: [processOf(7)] }), aGpu(0, { processes: [grown] }))).toBeDefined();
  });

  it("is the same in whatever order the driver and the kubelet tell it", async () => {
    const [seven, eight] = [processOf(7), processOf(8)];
    const [one, two] = [heldOf("one", []), heldOf("two", [])];
    const of = (processes: GpuProcess[], held: ReturnType<typeof heldOf>[]): GpuSample =>
      sampleOf([aGpu(0, { processes })], { holders: new Map([[gpuUuid(0), held]]) });
    const { clock, source, encoder } = aStream(of([seven, eight], [one, two]));
    encoder.next(true);
    await clock.advance(1000);
    source.now = of([eight, seven], [two, one]);
    expect(encoder.next(false)).toBeUndefined();
  });

  it("notices a slow drift: the deadband is around what was told", async () => {
    const { clock, source, encoder } = aStream(sampleOf([aGpu(0)]));
    encoder.next(true);
    const told: (number | undefined)[] = [];
    for (let celsius = 31; celsius <= 36; celsius += 1) {
      await clock.advance(1000);
      source.now = sampleOf([aGpu(0, { temperatureCelsius: celsius })]);
      told.push(encoder.next(false)?.gpus[0]?.temperatureCelsius);
    }
    expect(told).toEqual([undefined, undefined, 33, undefined, undefined, 36]);
  });

  it("is told each 10 s with the age of the reading, so that an old one is seen to be old", async () => {
    const { clock, encoder } = aStream(sampleOf([aGpu(0)]));
    expect(encoder.next(false)?.ageMillis).toBe(0);
    await clock.advance(9_000);
    expect(encoder.next(false)).toBeUndefined();
    await clock.advance(1_000);
    expect(encoder.next(false)?.ageMillis).toBe(10_000);
  });

  it("is in the first report of a stream, and in each that tells everything", () => {
    const { encoder } = aStream(sampleOf([aGpu(0)]));
    const reports = new ReportEncoder(encoder);
    expect(reports.encode(readingOf([])).gpus?.gpus).toHaveLength(1);
    expect(reports.encode(readingOf([])).gpus).toBeUndefined();
    reports.tellAll();
    expect(reports.encode(readingOf([])).gpus?.gpus).toHaveLength(1);
  });

  it("is nothing while nothing is known", () => {
    expect(aStream(null).encoder.next(true)).toBeUndefined();
  });

  it("is bounded, however many GPUs, parts, holders and processes there are, and says what is left out", () => {
    const long = "x".repeat(1000);
    const many = <Item>(make: (at: number) => Item): Item[] => Array.from({ length: 100 }, (_, at) => make(at));
    const part = (at: number) => ({ uuid: `MIG-${at}${long}`, profile: long, gpuInstance: at, computeInstance: at });
    const gpus = many((index) =>
      aGpu(index, {
        model: long,
        unhealthy: long,
        migDevices: many((at) => ({ ...part(at), memoryTotalMiB: 1 })),
        processes: many((at) => ({ ...processOf(at), name: long })),
      }),
    );
    const holders = new Map(gpus.map(({ uuid }) => [uuid, many((at) => heldOf(`${at}${long}`, []))]));
    const places = new Map(many((pid) => [pid, { containerId: "a".repeat(64), podName: "u".repeat(36) }]));
    const section = aStream(sampleOf(gpus, { holders, places })).encoder.next(true)!;
    expect(section.gpus).toHaveLength(64);
    expect(section.trouble).toBe("100 GPUs, of which 64 are told");
    expect(section.gpus[0]?.processes?.leftOut).toBe(99);
    expect(GpuSection.encode(section).finish().length).toBeLessThanOrEqual(160 * 1024);
    const few = aStream(sampleOf(gpus.slice(0, 1), { holders })).encoder.next(true)!;
    expect(few.gpus[0]).toMatchObject({
      migDevices: { length: 16 },
      holders: { length: 64 },
      processes: { leftOut: 36 },
    });
  });

  it("can be sent whatever the driver says", () => {
    const anyNumber = fc.option(fc.double());
    const anyGpu = fc
      .record({
        memoryTotalMiB: anyNumber,
        utilisation: anyNumber,
        powerWatts: anyNumber,
        temperatureCelsius: anyNumber,
      })
      .map((given) => aGpu(0, given));
    fc.assert(
      fc.property(anyGpu, fc.string({ unit: "binary" }), (gpu, model) => {
        const section = aStream(sampleOf([{ ...gpu, model }])).encoder.next(true)!;
        expect(GpuSection.decode(GpuSection.encode(section).finish()).gpus).toHaveLength(1);
      }),
    );
  });
});
