import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";

import { imageFlags } from "@walras/kit/testing";
import { execa } from "execa";

import type { ProgramImage } from "../providers/provider.ts";

const root = join(import.meta.dirname, "..", "..");
const dist = join(root, "dist");

/** What libraries with native code want beside those that Node.js wants. */
const resolver = "/lib/x86_64-linux-gnu/libresolv.so.2";

/** The agent, with the flags of Dockerfile.agent. */
export async function agentImage(name: string): Promise<ProgramImage> {
  await bundle("agent");
  return {
    name,
    flags: imageFlags("Dockerfile.agent"),
    program: "/app/agent.mjs",
    files: { "/app/agent.mjs": join(dist, "agent.mjs") },
  };
}

/** The controller, with the flags of Dockerfile.controller. */
export async function controllerImage(name: string): Promise<ProgramImage> {
  await bundle("controller");
  const chunks = (await readdir(dist)).filter((file) => /^controller\b.*\.mjs$/.test(file));
  return {
    name,
    flags: imageFlags("Dockerfile.controller"),
    program: "/app/controller.mjs",
    files: Object.fromEntries(chunks.map((file) => [`/app/${file}`, join(dist, file)])),
  };
}

/** The check of GPUs, with the flags of its Dockerfile. */
export async function gpuCheckImage(name: string): Promise<ProgramImage> {
  await bundle("gpu-check");
  const folder = join(dist, "gpu-check");
  const files = (await readdir(folder)).filter((file) => file.endsWith(".mjs"));
  return {
    name,
    flags: imageFlags("packages/gpu-check/Dockerfile"),
    program: "/app/gpu-check.mjs",
    files: Object.fromEntries(files.map((file) => [`/app/${file}`, join(folder, file)])),
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
