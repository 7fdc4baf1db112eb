import type { Gpu, GpuSection } from "@walras/proto";

type Field = "memoryUsedMib" | "utilisationPermille" | "powerMilliwatts" | "temperatureCelsius";

/** What moves all the time is news beyond these only; everything else is when it changes. */
const bands: readonly (readonly [field: Field, absolute: number, relative: number])[] = [
  ["memoryUsedMib", 64, 0.01],
  ["utilisationPermille", 50, 0],
  ["powerMilliwatts", 5_000, 0.05],
  ["temperatureCelsius", 2, 0],
];
const processMemoryBandMib = 64;

/** Whether `now` is news to somebody who was told `told`. */
export function gpusAreNews(told: GpuSection, now: GpuSection): boolean {
  if (JSON.stringify(steady(told)) !== JSON.stringify(steady(now))) return true;
  return now.gpus.some((gpu, at) => isBeyond(told.gpus[at], gpu));
}

/** A section without what moves; that a number is known, or not, stays in it. */
function steady(section: GpuSection): object {
  return { ...section, ageMillis: 0, gpus: section.gpus.map(steadyGpu) };
}

function steadyGpu(gpu: Gpu): object {
  const known = bands.map(([field]) => gpu[field] !== undefined);
  const still = Object.fromEntries(bands.map(([field]) => [field, undefined]));
  const processes = gpu.processes?.processes.map((process) => ({ ...process, memoryUsedMib: undefined }));
  return { ...gpu, ...still, known, processes: [processes, gpu.processes?.leftOut] };
}

function isBeyond(told: Gpu | undefined, now: Gpu): boolean {
  const moved = bands.some(([field, absolute, relative]) => {
    const [before = 0, after = 0] = [told?.[field], now[field]];
    return Math.abs(after - before) > Math.max(absolute, relative * before);
  });
  return (
    moved ||
    (now.processes?.processes.some((process, at) => {
      const { memoryUsedMib: before = 0 } = told?.processes?.processes[at] ?? {};
      return Math.abs((process.memoryUsedMib ?? 0) - before) > processMemoryBandMib;
    }) ??
      false)
  );
}
