import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";

import { execa } from "execa";

import type { ProgramImage } from "../providers/provider.ts";

const root = join(import.meta.dirname, "..", "..");
const dist = join(root, "dist");

/** What libraries with native code want beside those that Node.js wants. */
const resolver = "/lib/x86_64-linux-gnu/libresolv.so.2";

/** The agent, with the flags of Dockerfile.agent. */
export async function agentImage(name: string): Promise<ProgramImage> {
  await bundle("agent");
  const flags = ["--max-old-space-size=32", "--max-semi-space-size=1", "--no-opt", "--no-maglev", "--v8-pool-size=1"];
  return { name, flags, program: "/app/agent.mjs", files: { "/app/agent.mjs": join(dist, "agent.mjs") } };
}

/** The controller, with the flags of Dockerfile.controller. */
export async function controllerImage(name: string): Promise<ProgramImage> {
  await bundle("controller");
  const chunks = (await readdir(dist)).filter((file) => /^controller\b.*\.mjs$/.test(file));
  return {
    name,
    flags: ["--max-old-space-size=320", "--max-semi-space-size=16"],
    program: "/app/controller.mjs",
    files: Object.fromEntries(chunks.map((file) => [`/app/${file}`, join(dist, file)])),
  };
}

/** The posture analyzer, with the flags of its Dockerfile. */
export async function analyzerImage(name: string): Promise<ProgramImage> {
  await bundle("posture");
  const folder = join(dist, "posture");
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const placed = files.map((file) => [`/app/${relative(folder, file)}`, file] as const);
  return {
    name,
    flags: ["--max-old-space-size=96"],
    program: "/app/posture.mjs",
    files: { ...Object.fromEntries(placed), [resolver]: resolver },
  };
}

async function bundle(program: string): Promise<void> {
  await execa(process.execPath, [join(root, "scripts", "bundle.ts"), program], { cwd: root, preferLocal: true });
}
