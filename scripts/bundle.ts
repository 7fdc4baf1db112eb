// Bundles the programs for their images: dist/controller.mjs with what it loads on demand and its page in dist/dashboard/, dist/agent.mjs,
// dist/posture/ with its worker, its model and the library that cannot be bundled, dist/gpu-check/; and the licences of all that.
// usage: bundle.ts [controller|agent|posture|gpu-check]
import { cp, glob, readFile, realpath, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";

import { build } from "esbuild";

import { buildDashboard } from "../packages/dashboard/src/build.ts";
import { bundling } from "../packages/kit/src/bundle.ts";

import { type LicenceRules, noticesText, packageFolders, readAllLicensed } from "./notices.ts";

const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");
const posture = join(root, "packages", "posture");

interface Bundled {
  readonly entries: Readonly<Record<string, string>>;
  /** Below dist. */
  readonly folder?: string;
  /** Parts that are not asked for stay on the disk: some 40 MiB of the controller's. */
  readonly splitting?: true;
  /** Native code is loaded from its package. */
  readonly external?: readonly string[];
  /** What else the program reads. @returns files of which that was bundled */
  readonly beside?: () => Promise<readonly string[] | void>;
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
    },
    splitting: true,
    beside: async () => {
      const files = await buildDashboard(join(dist, "dashboard"));
      return files.filter((file) => file.startsWith(root)).map((file) => relative(root, file));
    },
    notices: "THIRD_PARTY_NOTICES.controller",
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

const wanted = process.argv[2] === undefined ? Object.keys(programs) : [process.argv[2]];
for (const name of wanted) {
  const program = programs[name];
  if (program === undefined) throw new Error(`no program ${name}; there are ${Object.keys(programs).join(", ")}`);
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
  const beside = (await program.beside?.()) ?? [];
  await writeNotices(program, [...Object.keys(metafile.inputs), ...beside]);
}

/** Of what was bundled, and of what lies beside. */
async function writeNotices({ folder = "", notices, copied = [] }: Bundled, inputs: readonly string[]): Promise<void> {
  const rules = JSON.parse(await readFile(join(root, "scripts", "licences.json"), "utf8")) as LicenceRules;
  const beside: string[] = [];
  if (folder !== "")
    for await (const file of glob(`${join("dist", folder)}/node_modules/**/package.json`, { cwd: root }))
      beside.push(file);
  const folders = [...packageFolders(inputs), ...packageFolders(beside), ...copied];
  const licensed = await readAllLicensed(
    folders.map((one) => join(root, one)),
    rules,
  );
  await writeFile(join(dist, folder, notices), noticesText(licensed));
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
