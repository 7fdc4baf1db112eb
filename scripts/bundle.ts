// Bundles the programs for their images: dist/controller.mjs, dist/agent.mjs.
// usage: bundle.ts [controller|agent]
import { join } from "node:path";

import { build } from "esbuild";

const root = join(import.meta.dirname, "..");

/** The agent is minified: what it does not parse it does not hold in memory, some 4 MiB. */
const programs: Readonly<Record<string, { readonly entry: string; readonly minify: boolean }>> = {
  controller: { entry: "packages/controller/src/main.ts", minify: false },
  agent: { entry: "packages/node-agent/src/main.ts", minify: true },
};

/** Some dependencies are CommonJS and expect its globals. */
const banner = `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url); const __dirname = import.meta.dirname; const __filename = import.meta.filename;`;

const wanted = process.argv[2] === undefined ? Object.keys(programs) : [process.argv[2]];
for (const name of wanted) {
  const program = programs[name];
  if (program === undefined) throw new Error(`no program ${name}; there are ${Object.keys(programs).join(", ")}`);
  await build({
    entryPoints: [join(root, program.entry)],
    outfile: join(root, "dist", `${name}.mjs`),
    bundle: true,
    platform: "node",
    target: "node26",
    format: "esm",
    sourcemap: true,
    minify: program.minify,
    legalComments: "none",
    banner: { js: banner },
    logLevel: "warning",
  });
}
