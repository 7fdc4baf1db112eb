import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const workflows = join(".github", "workflows");
const dockerfiles = [
  "Dockerfile.agent",
  "Dockerfile.controller",
  ...["posture", "gpu-check"].map((name) => join("packages", name, "Dockerfile")),
];
const workflowFiles = (await readdir(join(root, workflows))).map((file) => join(workflows, file));

const textOf = (file: string): Promise<string> => readFile(join(root, file), "utf8");
const { packageManager } = JSON.parse(await textOf("package.json")) as { readonly packageManager: string };

describe("what builds us", () => {
  it("is one exact pnpm", () => {
    expect(packageManager).toMatch(/^pnpm@\d+\.\d+\.\d+$/);
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
});
