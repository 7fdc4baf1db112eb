import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { dockerfiles as byProgram } from "./image/programs.ts";

const root = join(import.meta.dirname, "..");
const workflows = join(".github", "workflows");
const dockerfiles = Object.values(byProgram);
const workflowFiles = (await readdir(join(root, workflows))).map((file) => join(workflows, file));

const textOf = (file: string): Promise<string> => readFile(join(root, file), "utf8");
const { packageManager, version } = JSON.parse(await textOf("package.json")) as {
  readonly packageManager: string;
  readonly version: string;
};

describe("what builds us", () => {
  it("is one exact pnpm", () => {
    expect(packageManager).toMatch(/^pnpm@\d+\.\d+\.\d+$/);
  });

  it.each(["controller", "node-agent"])("has one version, also in what %s says of itself", async (name) => {
    const said = /"(.*)"/.exec(await textOf(join("packages", name, "src", "version.ts")))?.[1];
    expect(said).toBe(version);
  });

  it.each([...dockerfiles, ...workflowFiles, join(".ci", "run")])("in %s is that pnpm", async (file) => {
    const named = [...(await textOf(file)).matchAll(/pnpm@[\w.]+/g)].map(([name]) => name);
    expect(named.length).toBeGreaterThan(0);
    expect(new Set(named)).toEqual(new Set([packageManager]));
  });

  it.each(workflowFiles)("in %s are actions by commit, with their version beside", async (file) => {
    const uses = [...(await textOf(file)).matchAll(/uses: (.*)/g)].map(([, action = ""]) => action);
    expect(uses.length).toBeGreaterThan(0);
    for (const action of uses) expect(action).toMatch(/^[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it.each(dockerfiles)("in %s are bases that a build can name by digest", async (file) => {
    const text = await textOf(file);
    const bases = [...text.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
    expect(bases).toEqual(["${BUILD_IMAGE}", "${BASE_IMAGE}"]);
    for (const name of ["BUILD_IMAGE", "BASE_IMAGE"]) expect(text).toMatch(new RegExp(`^ARG ${name}=\\S+:\\S+$`, "m"));
  });

  it("is tested on each Kubernetes that is supported, by digest", async () => {
    const { jobs } = parse(await textOf(join(workflows, "ci.yaml"))) as {
      readonly jobs: { readonly e2e: { readonly strategy: { readonly matrix: { readonly include: readonly Row[] } } } };
    };
    const rows = jobs.e2e.strategy.matrix.include;
    expect(rows.map(({ kubernetes }) => kubernetes)).toEqual(["1.33", "1.34", "1.35", "1.36"]);
    for (const { kubernetes, node } of rows)
      expect(node).toMatch(new RegExp(`^kindest/node:v${RegExp.escape(kubernetes)}\\.\\d+@sha256:[0-9a-f]{64}$`));
  });

  it.each(workflowFiles)(
    "in %s may read and no more, but for jobs that say so, and keeps no credentials",
    async (file) => {
      const text = await textOf(file);
      expect((parse(text) as { readonly permissions: unknown }).permissions).toEqual({ contents: "read" });
      const kept = text
        .split("actions/checkout@")
        .slice(1)
        .filter((rest) => !/^.*\n\s+with:\n\s+persist-credentials: false\n/.test(rest));
      expect(kept).toEqual([]);
    },
  );

  it("builds the image of every program", async () => {
    for (const file of ["ci.yaml", "release.yaml"])
      expect(await textOf(join(workflows, file))).toContain(`program: [${Object.keys(byProgram).join(", ")}]`);
  });
});

interface Row {
  readonly kubernetes: string;
  readonly node: string;
}
