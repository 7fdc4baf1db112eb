import { readFile } from "node:fs/promises";
import { join } from "node:path";

import type { Plugin } from "esbuild";

import { builtInNames } from "../../packages/cli/src/scenarios.ts";

/** Puts the texts of the scenarios that come with the program in place of the module that reads their files. */
export function builtInScenarios(folder: string): Plugin {
  return {
    name: "built-in scenarios",
    setup: (build) => {
      build.onLoad({ filter: /cli\/src\/scenarios\.ts$/ }, async () => {
        const texts: Record<string, string> = {};
        for (const name of builtInNames) texts[name] = await readFile(join(folder, `${name}.yaml`), "utf8");
        const contents = `const texts = ${JSON.stringify(texts)};
export const builtInNames = ${JSON.stringify(builtInNames)};
export const builtInScenario = (name) => texts[name];`;
        return { contents, loader: "js" };
      });
    },
  };
}
