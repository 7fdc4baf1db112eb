import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { readDockerfile } from "../../packages/kit/src/dockerfile.ts";

import { Blobs, type ImageConfig, type Layer } from "./archive.ts";
import { dockerfiles, type ProgramName } from "./programs.ts";
import { baseFiles, BuildStage, placed } from "./stage.ts";
import type { TarFile } from "./tar.ts";

const root = join(import.meta.dirname, "..", "..");
/** Mount points of a container's runtime, and where whoever may write may write. */
const mountPoints = ["dev", "etc", "proc", "sys", "tmp"];
const bestLevel = 9;

interface Packed {
  /** Repository and tag. */
  readonly name: string;
  /** File of the archive. */
  readonly out: string;
  /** Of gzip, 1 to 9; the best where it is not given. */
  readonly level?: number;
}

export interface Packing extends Packed {
  readonly program: ProgramName;
}

/** An image that has no Dockerfile. */
export interface FilesPacking extends Packed {
  /** Of this machine, by where they are in the image. */
  readonly files: Readonly<Record<string, string>>;
  /** What Node.js is given. */
  readonly args: readonly string[];
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
export async function packImage({ program, ...packed }: Packing): Promise<PackedImage> {
  const recipe = readDockerfile(join(root, dockerfiles[program]));
  return inFolder(async (folder) => {
    const stage = await BuildStage.of(program, folder);
    const taken = (await Promise.all(recipe.copies.map((copied) => stage.take(copied)))).flat();
    const isProgram = ({ path }: TarFile): boolean => path.startsWith("app/");
    // What changes least is the layer that all programs share.
    const shared = [...(await baseFiles()), ...taken.filter((file) => !isProgram(file))];
    return write(folder, [shared, taken.filter(isProgram)], recipe, packed);
  });
}

/** Packs these files with this machine's Node.js, which runs as nobody in particular. */
export function packFiles({ files, args, ...packed }: FilesPacking): Promise<PackedImage> {
  const config = { entrypoint: ["/node", ...args], user: "65532:65532", env: {}, labels: {} };
  return inFolder(async (folder) => {
    const shared = [...(await baseFiles("with all libraries")), await placed(process.execPath, "/node")];
    const own = await Promise.all(Object.entries(files).map(([at, file]) => placed(file, at)));
    return write(folder, [shared, own], config, packed);
  });
}

async function inFolder(use: (folder: string) => Promise<PackedImage>): Promise<PackedImage> {
  const folder = await mkdtemp(join(tmpdir(), "walras-image-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function write(
  folder: string,
  contents: readonly (readonly TarFile[])[],
  config: ImageConfig,
  { name, out, level = bestLevel }: Packed,
): Promise<PackedImage> {
  const blobs = await Blobs.in(join(folder, "blobs"));
  const layers: Layer[] = [];
  for (const files of contents) layers.push(await blobs.layer(files, level, layers.length === 0 ? mountPoints : []));
  await mkdir(dirname(out), { recursive: true });
  await blobs.archive(name, layers, config, out);
  const sum = (of: "bytes" | "compressedBytes"): number => layers.reduce((total, layer) => total + layer[of], 0);
  return { out, compressedBytes: sum("compressedBytes"), bytes: sum("bytes") };
}
