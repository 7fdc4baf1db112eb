// Bundles the programs for their images: dist/controller.mjs and what it loads on demand, dist/agent.mjs,
// dist/dashboard/ which it serves, dist/posture/ with its worker, its model and the library that cannot be bundled,
// dist/gpu-check/; and of each the licences and a bill of materials.
// usage: bundle.ts [controller|agent|dashboard|posture|gpu-check] [--dist FOLDER]; the controller brings its dashboard
import { cp, glob, readFile, realpath, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";

import { build } from "esbuild";

import { buildDashboard } from "../packages/dashboard/src/build.ts";
import { bundling } from "../packages/kit/src/bundle.ts";

import { type LicenceRules, noticesText, packageFolders, readAllLicensed } from "./notices.ts";
import { billOfMaterials, integrities } from "./sbom.ts";

const root = join(import.meta.dirname, "..");
const { values, positionals } = parseArgs({ options: { dist: { type: "string" } }, allowPositionals: true });
const dist = resolve(values.dist ?? join(root, "dist"));
const posture = join(root, "packages", "posture");

interface Bundled {
  readonly entries?: Readonly<Record<string, string>>;
  /** Below dist. */
  readonly folder?: string;
  /** Parts that are not asked for stay on the disk: some 40 MiB of the controller's. */
  readonly splitting?: true;
  /** Native code is loaded from its package. */
  readonly external?: readonly string[];
  /** What else the program reads. @returns files of which it was made, where others wrote some of them */
  readonly beside?: () => Promise<readonly string[]>;
  /** Programs that are bundled along. */
  readonly along?: readonly string[];
  /** In the program's folder. */
  readonly notices: string;
  /** Folders of packages of which no code is bundled, only files are copied. */
  readonly copied?: readonly string[];
}

const programs: Readonly<Record<string, Bundled>> = {
  controller: {
    entries: {
      controller: "packages/controller/src/main.ts",
      "history-worker": "packages/controller/src/base/history/worker.ts",
      "knowledge-worker": "packages/controller/src/parts/intents/knowledge/worker.ts",
      doctor: "packages/cli/src/doctor/main.ts",
    },
    splitting: true,
    notices: "THIRD_PARTY_NOTICES.controller",
    along: ["dashboard"],
  },
  dashboard: {
    folder: "dashboard",
    notices: "THIRD_PARTY_NOTICES",
    beside: () => buildDashboard(join(dist, "dashboard")),
  },
  agent: { entries: { agent: "packages/node-agent/src/main.ts" }, notices: "THIRD_PARTY_NOTICES.agent" },
  posture: {
    entries: { posture: "packages/posture/src/main.ts", "posture-worker": "packages/posture/src/pose/worker.ts" },
    folder: "posture",
    notices: "THIRD_PARTY_NOTICES",
    copied: ["packages/posture/node_modules/@vladmandic/human"],
    external: ["sharp"],
    beside: async () => {
      await copyPackageFiles("@vladmandic/human", "models", ["movenet-lightning.json", "movenet-lightning.bin"]);
      await copyPackageFiles("@tensorflow/tfjs-backend-wasm", "dist", [
        "tfjs-backend-wasm.wasm",
        "tfjs-backend-wasm-simd.wasm",
      ]);
      await copySharp();
      return [];
    },
  },
  "gpu-check": {
    entries: { "gpu-check": "packages/gpu-check/src/main.ts" },
    folder: "gpu-check",
    // The cluster's client is the collector's alone.
    splitting: true,
    notices: "THIRD_PARTY_NOTICES",
  },
};

const wanted = positionals.length > 0 ? positionals : Object.keys(programs);
for (const name of new Set(wanted.flatMap((one) => [one, ...(programs[one]?.along ?? [])]))) {
  const program = programs[name];
  if (program === undefined) throw new Error(`no program ${name}; there are ${Object.keys(programs).join(", ")}`);
  const bundled = await bundledFrom(name, program);
  const made = (await program.beside?.()) ?? [];
  await writeLicensed(name, program, [...bundled, ...made]);
}

/** @returns the files that are in the bundle */
async function bundledFrom(name: string, program: Bundled): Promise<readonly string[]> {
  if (program.entries === undefined) return [];
  const { metafile } = await build({
    ...bundling,
    metafile: true,
    absWorkingDir: root,
    entryPoints: Object.fromEntries(Object.entries(program.entries).map(([out, file]) => [out, join(root, file)])),
    outdir: join(dist, program.folder ?? ""),
    chunkNames: `${name}-[name]-[hash]`,
    splitting: program.splitting ?? false,
    external: [...(program.external ?? [])],
    sourcemap: true,
    legalComments: "none",
  });
  return Object.keys(metafile.inputs);
}

/** Notices and bill of materials, of what was bundled and of what lies beside. */
async function writeLicensed(
  name: string,
  { folder = "", notices, copied = [] }: Bundled,
  inputs: readonly string[],
): Promise<void> {
  const rules = JSON.parse(await readFile(join(root, "scripts", "licences.json"), "utf8")) as LicenceRules;
  const beside: string[] = [];
  if (folder !== "")
    for await (const file of glob("node_modules/**/package.json", { cwd: join(dist, folder) }))
      beside.push(join(dist, folder, file));
  const folders = [...packageFolders(inputs), ...packageFolders(beside), ...copied];
  const licensed = await readAllLicensed(
    folders.map((one) => resolve(root, one)),
    rules,
  );
  await writeFile(join(dist, folder, notices), noticesText(licensed));
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { readonly version: string };
  const known = integrities(await readFile(join(root, "pnpm-lock.yaml"), "utf8"));
  const program = { name: `walras-${name}`, version };
  const bill = billOfMaterials(program, licensed, { known, node: process.versions.node });
  await writeFile(join(dist, folder, `sbom.${name}.cdx.json`), `${JSON.stringify(bill, null, 2)}\n`);
}

async function copyPackageFiles(name: string, folder: string, files: readonly string[]): Promise<void> {
  for (const file of files)
    await cp(join(posture, "node_modules", name, folder, file), join(dist, "posture", "model", file), {
      dereference: true,
    });
}

/** The library and what it depends on, which pnpm keeps beside it. */
async function copySharp(): Promise<void> {
  const home = await realpath(join(posture, "node_modules", "sharp"));
  const { dependencies } = createRequire(import.meta.url)(join(home, "package.json")) as {
    dependencies: Readonly<Record<string, string>>;
  };
  for (const name of ["sharp", ...Object.keys(dependencies), "@img"])
    await cp(join(dirname(home), name), join(dist, "posture", "node_modules", name), {
      recursive: true,
      dereference: true,
    });
}
