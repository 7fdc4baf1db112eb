// Packs the command line into dist/: walras-VERSION.tgz, which `npm install -g` takes on Node 20 and later without
// fetching anything; with --single one file for this machine's system, which needs no Node at all.
// usage: pack.ts [--single]
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";

import { build } from "esbuild";
import { execa } from "execa";

import { buildDashboard } from "../packages/dashboard/src/build.ts";
import { bundling } from "../packages/kit/src/bundle.ts";

import { type LicenceRules, noticesText, packageFolders, readAllLicensed } from "./notices.ts";
import { builtInScenarios } from "./pack/scenarios.ts";

const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");
const folder = join(dist, "walras-cli");
const entry = join(root, "packages", "cli", "src", "main.ts");
const oldestNode = "20.11";

const { version, license } = JSON.parse(await readFile(join(root, "packages", "cli", "package.json"), "utf8")) as {
  readonly version: string;
  readonly license: string;
};
const shims = await readFile(join(root, "scripts", "pack", "node20.js"), "utf8");

await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
await (process.argv.includes("--single") ? packSingle() : packTarball());

/** What is loaded on demand stays in files of its own. */
async function packTarball(): Promise<void> {
  const { metafile } = await bundle({ splitting: true, chunkNames: "chunks/[name]-[hash]" });
  // Whoever serves it is a chunk, and looks beside itself.
  const page = await buildDashboard(join(folder, "chunks", "dashboard"));
  await writeFile(join(folder, "package.json"), `${JSON.stringify(manifest(), null, 2)}\n`);
  await copyFile(join(root, "LICENSE"), join(folder, "LICENSE"));
  await copyFile(join(root, "docs", "cli.md"), join(folder, "README.md"));
  await writeFile(
    join(folder, "THIRD_PARTY_NOTICES"),
    await notices([...Object.keys(metafile.inputs), ...page.map((file) => relative(root, file))]),
  );
  await execa("npm", ["pack", "--silent", "--pack-destination", dist], { cwd: folder });
  console.log(join("dist", `walras-${version}.tgz`));
}

/** A copy of this Node with the program in it. */
async function packSingle(): Promise<void> {
  const { metafile } = await bundle({ splitting: false });
  const output = join(dist, `walras-${process.platform}-${process.arch}`);
  const sea = { main: join(folder, "walras.mjs"), mainFormat: "module", output, disableExperimentalSEAWarning: true };
  const config = join(folder, "sea.json");
  await writeFile(config, JSON.stringify(sea));
  await execa(process.execPath, ["--build-sea", config]);
  await writeFile(`${output}.THIRD_PARTY_NOTICES`, await notices(Object.keys(metafile.inputs)));
  console.log(join("dist", `walras-${process.platform}-${process.arch}`));
}

async function bundle(
  how: Pick<Parameters<typeof build>[0], "splitting" | "chunkNames">,
): Promise<{ readonly metafile: { readonly inputs: object } }> {
  return build({
    ...bundling,
    ...how,
    target: `node${oldestNode}`,
    metafile: true,
    absWorkingDir: root,
    entryPoints: { walras: entry },
    outdir: folder,
    banner: { js: `${bundling.banner.js}\n${shims}` },
    plugins: [builtInScenarios(join(root, "packages", "sim", "scenarios"))],
    legalComments: "none",
    // A build tool: what is packed has the page itself, or none.
    external: ["@walras/dashboard/build"],
  });
}

function manifest(): object {
  return {
    name: "walras",
    version,
    description: "One control plane for the scarce things of a Kubernetes cluster: its command line",
    license,
    type: "module",
    bin: { walras: "walras.mjs", "kubectl-walras": "walras.mjs" },
    engines: { node: `>=${oldestNode}` },
  };
}

async function notices(inputs: readonly string[]): Promise<string> {
  const rules = JSON.parse(await readFile(join(root, "scripts", "licences.json"), "utf8")) as LicenceRules;
  const folders = packageFolders(inputs).map((one) => join(root, one));
  return noticesText(await readAllLicensed(folders, rules));
}
