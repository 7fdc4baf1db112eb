// How large the images are, and how soon their programs are ready: each is packed as its Dockerfile describes it, unpacked,
// and run in its own root file system, read-only and as its user, against an API server or a controller of this process.
// usage (as root): image.ts
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type BenchRow, percentile, publishBench } from "@walras/kit/bench";

import { packImage, type PackedImage } from "../../../scripts/image/pack.ts";
import { unpackImage } from "../../../scripts/image/unpack.ts";
import { agentReady } from "./image/agentReady.ts";
import type { Start } from "./image/container.ts";
import { controllerReady } from "./image/controllerReady.ts";

const programs = { controller: controllerReady, agent: agentReady } as const;
type Name = keyof typeof programs;

const count = 7;
const goal = { compressedMiB: 60, cpuMs: 1_000 };
const mebibyte = 2 ** 20;
const rounded = (value: number): number => Math.round(value * 10) / 10;

interface Result {
  readonly program: Name;
  readonly packed: PackedImage;
  readonly starts: readonly Start[];
}

async function measure(program: Name): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "walras-image-bench-"));
  try {
    const packed = await packImage({ program, name: `walras-${program}:bench`, out: join(folder, "image.tar") });
    const rootfs = await unpackImage(packed.out, join(folder, "unpacked"));
    const starts: Start[] = [];
    while (starts.length < count) starts.push(await programs[program](rootfs));
    return { program, packed, starts };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const median = (starts: readonly Start[], of: keyof Start): number =>
  percentile(
    starts.map((start) => start[of]),
    0.5,
  );

function rowOf({ program, packed, starts }: Result): BenchRow {
  return {
    program,
    "compressed MiB": rounded(packed.compressedBytes / mebibyte),
    "unpacked MiB": rounded(packed.bytes / mebibyte),
    starts: starts.length,
    "cpu ms": Math.round(median(starts, "cpuMs")),
    "ready ms": Math.round(median(starts, "readyMs")),
  };
}

const results: Result[] = [];
for (const program of Object.keys(programs) as Name[]) results.push(await measure(program));
publishBench(join(import.meta.dirname, "..", "..", ".."), {
  name: "image",
  command: "pnpm bench image",
  rows: results.map(rowOf),
  ratios: {
    sizeAgainstGoal: Math.max(
      ...results.map(({ packed }) => rounded((100 * packed.compressedBytes) / mebibyte / goal.compressedMiB) / 100),
    ),
    cpuAgainstGoal: Math.max(
      ...results.map(({ starts }) => rounded((100 * median(starts, "cpuMs")) / goal.cpuMs) / 100),
    ),
  },
});
process.exit(0);
