import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { isAllowed, type LicenceRules, noticesText, packageFolders, readAllLicensed } from "./notices.ts";

const rules: LicenceRules = {
  allowed: ["MIT", "ISC"],
  packages: { odd: { licence: "MPL-2.0", own: [], standard: ["MIT"], why: "a test" } },
};
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "notices-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** A package's folder, with these files. */
async function folderOf(manifest: object, files: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = await mkdtemp(join(root, "package-"));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), JSON.stringify({ version: "1.2.3", ...manifest }));
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
  return folder;
}

describe("the packages of a bundle", () => {
  it("are those of its inputs that lie under node_modules, each once, the innermost", () => {
    const inputs = [
      "packages/kit/src/index.ts",
      "node_modules/.pnpm/pino@10.4.0/node_modules/pino/lib/tools.js",
      "node_modules/.pnpm/pino@10.4.0/node_modules/pino/pino.js",
      "node_modules/.pnpm/@grpc+grpc-js@1.14.7/node_modules/@grpc/grpc-js/build/src/index.js",
      "packages/posture/node_modules/sharp/lib/index.js",
    ];
    expect(packageFolders(inputs)).toEqual([
      "node_modules/.pnpm/@grpc+grpc-js@1.14.7/node_modules/@grpc/grpc-js",
      "node_modules/.pnpm/pino@10.4.0/node_modules/pino",
      "packages/posture/node_modules/sharp",
    ]);
  });
});

describe("the licence of a package", () => {
  it("comes with the text of each of its licence files", async () => {
    const files = { LICENSE: "Permission\n", "NOTICE.txt": "Of others\n", "README.md": "Read" };
    const folder = await folderOf({ name: "good", license: "MIT" }, files);
    expect(await readAllLicensed([folder], rules)).toEqual([
      { name: "good", version: "1.2.3", licence: "MIT", text: "Permission\n\nOf others" },
    ]);
  });

  it("is a standard text with the author's name where the rules say so", async () => {
    const folder = await folderOf({ name: "odd", license: "MPL-2.0", author: { name: "Ada" } });
    const [odd] = await readAllLicensed([folder], rules);
    expect(odd?.text).toMatch(/^Copyright \(c\) Ada\n\nPermission is hereby granted/);
  });

  it.each([
    ["names no licence", { name: "none" }, { LICENSE: "text" }],
    ["GPL-2.0 is not among the licences", { name: "strict", license: "GPL-2.0" }, { COPYING: "text" }],
    ["Apache-2.0 is not among the licences", { name: "odd", license: "Apache-2.0" }, {}],
    ["it has no licence file", { name: "bare", license: "MIT" }, { "README.md": "MIT" }],
  ])("keeps a bundle from being made: %s", async (complaint, manifest, files) => {
    await expect(readAllLicensed([await folderOf(manifest, files)], rules)).rejects.toThrow(complaint);
  });

  it("is complained of for all packages at once", async () => {
    const folders = [await folderOf({ name: "one" }), await folderOf({ name: "two" })];
    await expect(readAllLicensed(folders, rules)).rejects.toThrow(/^one 1\.2\.3: .*\ntwo 1\.2\.3: /);
  });
});

describe("an SPDX expression", () => {
  it.each([
    ["MIT", true],
    ["GPL-2.0", false],
    ["(MIT OR GPL-2.0)", true],
    ["(MIT AND GPL-2.0)", false],
    ["MIT AND ISC", true],
  ])("%s: allowed %s", (expression, allowed) => {
    expect(isAllowed(expression, rules.allowed)).toBe(allowed);
  });

  it("is not guessed where AND and OR are mixed", () => {
    expect(() => isAllowed("MIT AND (ISC OR GPL-2.0)", rules.allowed)).toThrow("both AND and OR");
  });
});

describe("the notices", () => {
  it("name each package once, by name, with version, licence and text", () => {
    const b = { name: "b", version: "2.0.0", licence: "MIT", text: "Text of b" };
    const a = { name: "a", version: "1.0.0", licence: "ISC", text: "Text of a" };
    const text = noticesText([b, a, b]);
    expect(text).toMatch(/2 packages.*a 1\.0\.0 \(ISC\)\n\nText of a.*b 2\.0\.0 \(MIT\)\n\nText of b\n$/s);
    expect(text.split("Text of b")).toHaveLength(2);
  });
});
