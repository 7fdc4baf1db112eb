import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { chartFiles } from "./files.ts";

const deploy = join(import.meta.dirname, "..", "..", "deploy");
const files = await chartFiles(deploy);

describe("what deploy/ has twice", () => {
  it.each([...files])("%s is as it is made", (file, text) => {
    expect(readFileSync(join(deploy, file), "utf8")).toBe(text);
  });

  it("is all that the chart has beside its templates", () => {
    const own = globSync("helm/walras/files/**/*.{yaml,json}", { cwd: deploy });
    expect(own.toSorted()).toEqual([...files.keys()].filter((file) => file.startsWith("helm/")).toSorted());
  });
});
