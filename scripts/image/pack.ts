import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { readDockerfile } from "../../packages/kit/src/dockerfile.ts";

import { Blobs } from "./archive.ts";
import { dockerfiles, type ProgramName } from "./programs.ts";
import { baseFiles, BuildStage } from "./stage.ts";
import type { TarFile } from "./tar.ts";

const root = join(import.meta.dirname, "..", "..");
/** Mount points of a container's runtime, and where whoever may write may write. */
const mountPoints = ["dev", "etc", "proc", "sys", "tmp"];
const bestLevel = 9;

export interface Packing {
  readonly program: ProgramName;
  /** Repository and tag. */
  readonly name: string;
  /** File of the archive. */
  readonly out: string;
  /** Of gzip, 1 to 9; the best where it is not given. */
  readonly level?: number;
}

export interface PackedImage {
  readonly out: string;
  readonly compressedBytes: number;
  readonly bytes: number;
}

/**
 * Packs the image that the program's Dockerfile describes, from this machine's Node.js: the same files in the same places,
 * the same user, entrypoint and labels, above what the base has of libraries. No registry is asked.
 */
export async function packImage({ program, name, out, level = bestLevel }: Packing): Promise<PackedImage> {
  const recipe = readDockerfile(join(root, dockerfiles[program]));
  const folder = await mkdtemp(join(tmpdir(), "walras-image-"));
  try {
    const stage = await BuildStage.of(program, folder);
    const taken = (await Promise.all(recipe.copies.map((copied) => stage.take(copied)))).flat();
    const isProgram = ({ path }: TarFile): boolean => path.startsWith("app/");
    const blobs = await Blobs.in(join(folder, "blobs"));
    // What changes least is the layer that all programs share.
    const shared = [...(await baseFiles()), ...taken.filter((file) => !isProgram(file))];
    const layers = [await blobs.layer(shared, level, mountPoints), await blobs.layer(taken.filter(isProgram), level)];
    await mkdir(dirname(out), { recursive: true });
    await blobs.archive(name, layers, recipe, out);
    const sum = (of: "bytes" | "compressedBytes"): number => layers.reduce((total, layer) => total + layer[of], 0);
    return { out, compressedBytes: sum("compressedBytes"), bytes: sum("bytes") };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
