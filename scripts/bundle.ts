// Bundles the programs for their images: dist/controller.mjs and what it loads on demand, dist/agent.mjs.
// usage: bundle.ts [controller|agent]
import { join } from "node:path";

import { build } from "esbuild";

const root = join(import.meta.dirname, "..");

interface Bundled {
  readonly entry: string;
  /** Parts that are not asked for stay on the disk: some 40 MiB of the controller's. */
  readonly splitting: boolean;
}

const programs: Readonly<Record<string, Bundled>> = {
  controller: { entry: "packages/controller/src/main.ts", splitting: true },
  agent: { entry: "packages/node-agent/src/main.ts", splitting: false },
};

/** Some dependencies are CommonJS and expect its globals. */
const banner = `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url); const __dirname = import.meta.dirname; const __filename = import.meta.filename;`;

const wanted = process.argv[2] === undefined ? Object.keys(programs) : [process.argv[2]];
for (const name of wanted) {
  const program = programs[name];
  if (program === undefined) throw new Error(`no program ${name}; there are ${Object.keys(programs).join(", ")}`);
  await build({
    entryPoints: { [name]: join(root, program.entry) },
    outdir: join(root, "dist"),
    outExtension: { ".js": ".mjs" },
    chunkNames: `${name}-[name]-[hash]`,
    splitting: program.splitting,
    bundle: true,
    platform: "node",
    target: "node26",
    format: "esm",
    sourcemap: true,
    // What is not parsed is not held in memory: some 4 MiB of the agent's, 15 of the controller's.
    minify: true,
    legalComments: "none",
    banner: { js: banner },
    logLevel: "warning",
  });
}
