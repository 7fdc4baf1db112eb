import { existsSync } from "node:fs";
import { join } from "node:path";

import { type FilesPacking, packFiles, packImage } from "../../scripts/image/pack.ts";
import type { ProgramName } from "../../scripts/image/programs.ts";

const folder = join(import.meta.dirname, "..", "..", ".tmp", "images");
/** A node on this machine has it unpacked at once. */
const fastest = 1;

const archiveOf = (name: string): string => join(folder, `${name.replaceAll(/[^a-z0-9]/g, "-")}.tar`);

/** Packs a program as its Dockerfile does, unless WALRAS_IMAGES has it under its name; answers the image's archive. */
async function image(program: ProgramName, name: string): Promise<string> {
  const packed = join(process.env["WALRAS_IMAGES"] ?? "", `${program}.tar`);
  if (process.env["WALRAS_IMAGES"] !== undefined && existsSync(packed)) return packed;
  return (await packImage({ program, name, out: archiveOf(name), level: fastest })).out;
}

/** Packs files of a test with a Node.js to run them; answers the image's archive. */
export async function filesImage(files: Pick<FilesPacking, "name" | "files" | "args">): Promise<string> {
  return (await packFiles({ ...files, out: archiveOf(files.name), level: fastest })).out;
}

export const agentImage = (name: string): Promise<string> => image("agent", name);
export const controllerImage = (name: string): Promise<string> => image("controller", name);
export const gpuCheckImage = (name: string): Promise<string> => image("gpu-check", name);
export const analyzerImage = (name: string): Promise<string> => image("posture", name);
