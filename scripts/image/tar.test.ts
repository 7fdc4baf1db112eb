import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { tarOf, type TarFile } from "./tar.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "walras-tar-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function archive(files: readonly TarFile[], folders: readonly string[] = []): Promise<string> {
  const out = join(folder, "a.tar");
  await writeFile(out, tarOf(files, folders));
  return out;
}

const file = (path: string, text = path, mode = 0o644): TarFile => ({ path, content: Buffer.from(text), mode });

describe("an archive", () => {
  it("is read by tar, with folders, modes and root as the owner, all of them as old as time", async () => {
    const out = await archive(
      [file("app/b.mjs"), file("app/a.mjs", "x".repeat(512)), file("node", "#!", 0o755)],
      ["tmp"],
    );
    const listed = await execa("tar", ["--list", "--verbose", "--numeric-owner", "--utc", "--file", out]);
    expect(listed.stdout.split("\n").map((line) => line.replaceAll(/\s+/g, " "))).toEqual([
      "drwxr-xr-x 0/0 0 1970-01-01 00:00 app/",
      "-rw-r--r-- 0/0 512 1970-01-01 00:00 app/a.mjs",
      "-rw-r--r-- 0/0 9 1970-01-01 00:00 app/b.mjs",
      "-rwxr-xr-x 0/0 2 1970-01-01 00:00 node",
      "drwxrwxrwt 0/0 0 1970-01-01 00:00 tmp/",
    ]);
  });

  it("gives back what was put in, from memory and from disk, under a path of up to 255 bytes", async () => {
    const long = `${"d".repeat(90)}/${"e".repeat(60)}/${"f".repeat(100)}`;
    await writeFile(join(folder, "on-disk"), "from the disk");
    const out = await archive([file(long, "long"), { path: "disk", content: { file: join(folder, "on-disk") } }]);
    await execa("tar", ["--extract", "--directory", folder, "--file", out]);
    expect(await readFile(join(folder, long), "utf8")).toBe("long");
    expect(await readFile(join(folder, "disk"), "utf8")).toBe("from the disk");
    const longer = "f".repeat(101);
    await expect(archive([file(longer)])).rejects.toThrow(`${longer} is too long for an archive`);
  });

  it("is the same whatever the order of its files", async () => {
    const files = [file("b/one"), file("a"), file("b-two")];
    const first = await readFile(await archive(files));
    expect(await readFile(await archive(files.toReversed()))).toEqual(first);
  });
});
