import { join } from "node:path";

import { packImage } from "../../scripts/image/pack.ts";
import type { ProgramName } from "../../scripts/image/programs.ts";

const folder = join(import.meta.dirname, "..", "..", ".tmp", "images");
/** A node on this machine has it unpacked at once. */
const fastest = 1;

/** Packs a program as its Dockerfile does; answers the image's archive. */
async function image(program: ProgramName, name: string): Promise<string> {
  const out = join(folder, `${name.replaceAll(/[^a-z0-9]/g, "-")}.tar`);
  await packImage({ program, name, out, level: fastest });
  return out;
}

export const agentImage = (name: string): Promise<string> => image("agent", name);
export const controllerImage = (name: string): Promise<string> => image("controller", name);
export const gpuCheckImage = (name: string): Promise<string> => image("gpu-check", name);
export const analyzerImage = (name: string): Promise<string> => image("posture", name);
