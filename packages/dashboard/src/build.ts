import { join } from "node:path";

import { build } from "vite";

const page = join(import.meta.dirname, "page");

/**
 * Builds the page: index.html, and below assets/ its script and its style, named by their content.
 *
 * @returns the files of which the script was made, for the licences of what it holds of others
 */
export async function buildDashboard(outDir: string): Promise<readonly string[]> {
  const built = await build({
    configFile: false,
    root: page,
    base: "./",
    logLevel: "warn",
    publicDir: false,
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    build: {
      outDir,
      emptyOutDir: true,
      target: "es2022",
      modulePreload: { polyfill: false },
      // What is inlined as data: would need a policy that allows it.
      assetsInlineLimit: 0,
      reportCompressedSize: false,
      rolldownOptions: { checks: { pluginTimings: false } },
    },
  });
  if (!("output" in built)) throw new Error("the page was not built at once");
  return built.output.flatMap((file) => (file.type === "chunk" ? file.moduleIds : []));
}
