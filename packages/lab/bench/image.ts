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
import { controllerReady } from "./image/controllerReady.ts";

const programs = { controller: controllerReady, agent: agentReady } as const;
type Name = keyof typeof programs;

const starts = 7;
const goal = { compressedMiB: 60, readyMs: 1_000 };
const mebibyte = 2 ** 20;
const rounded = (value: number): number => Math.round(value * 10) / 10;

interface Result {
  readonly program: Name;
  readonly packed: PackedImage;
  readonly readyMs: readonly number[];
}

async function measure(program: Name): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "walras-image-bench-"));
  try {
    const packed = await packImage({ program, name: `walras-${program}:bench`, out: join(folder, "image.tar") });
    const rootfs = await unpackImage(packed.out, join(folder, "unpacked"));
    const readyMs: number[] = [];
    for (let start = 0; start < starts; start += 1) readyMs.push(await programs[program](rootfs));
    return { program, packed, readyMs };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function rowOf({ program, packed, readyMs }: Result): BenchRow {
  return {
    program,
    "compressed MiB": rounded(packed.compressedBytes / mebibyte),
    "unpacked MiB": rounded(packed.bytes / mebibyte),
    starts: readyMs.length,
    "ready ms": Math.round(percentile(readyMs, 0.5)),
    "at most": Math.round(Math.max(...readyMs)),
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
    readyAgainstGoal: Math.max(
      ...results.map(({ readyMs }) => rounded((100 * percentile(readyMs, 0.5)) / goal.readyMs) / 100),
    ),
  },
});
process.exit(0);
