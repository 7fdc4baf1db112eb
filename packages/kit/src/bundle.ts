import { basename, join } from "node:path";

import { build, type BuildOptions } from "esbuild";

/** Some dependencies are CommonJS and expect its globals. */
const banner = `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url); const __dirname = import.meta.dirname; const __filename = import.meta.filename;`;

/** How programs are bundled for their images. */
export const bundling = {
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  target: "node26",
  format: "esm",
  // What is not parsed is not held in memory: some 4 MiB of the agent's, 15 of the controller's.
  minify: true,
  banner: { js: banner },
  logLevel: "warning",
} as const satisfies BuildOptions;

/** For a benchmark: a program as in its image, which loads only what it is asked for. @returns its file */
export async function bundleProgram(entry: string, outdir: string): Promise<string> {
  await build({ ...bundling, entryPoints: [entry], outdir, splitting: true });
  return join(outdir, basename(entry).replace(/\.ts$/, ".mjs"));
}
