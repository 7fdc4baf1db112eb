import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { readDockerfile } from "../../packages/kit/src/dockerfile.ts";
import type { Bill } from "../sbom.ts";
import { packImage, type PackedImage } from "./pack.ts";
import { dockerfiles, programNamed } from "./programs.ts";
import { unpackImage } from "./unpack.ts";

const root = join(import.meta.dirname, "..", "..");
let folder: string;
let packed: PackedImage;
let rootfs: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "walras-pack-"));
  packed = await packImage({ program: "agent", name: "walras-agent:test", out: join(folder, "a.tar"), level: 1 });
  rootfs = await unpackImage(packed.out, join(folder, "unpacked"));
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const inImage = (path: string): string => join(rootfs, path);

describe("the image of the agent, packed from this machine", () => {
  it("has what its Dockerfile runs and names", async () => {
    const { entrypoint, labels } = readDockerfile(join(root, dockerfiles.agent));
    const [node = "", ...args] = entrypoint;
    expect((await readFile(inImage(node))).subarray(1, 4).toString()).toBe("ELF");
    expect((await readFile(inImage(args.at(-1) ?? ""), "utf8")).length).toBeGreaterThan(100_000);
    const bill = JSON.parse(await readFile(inImage(labels["io.walras.sbom"] ?? ""), "utf8")) as Bill;
    expect(bill.components.map(({ name }) => name)).toEqual(expect.arrayContaining(["node", "@grpc/grpc-js", "pino"]));
    expect(bill.components.map(({ name }) => name)).not.toContain("fastify");
  });

  it("has the licences of all that is in it", async () => {
    expect(await readFile(inImage("licenses/node"), "utf8")).toContain("Node.js contributors");
    expect(await readFile(inImage("licenses/walras"), "utf8")).toContain("Apache License");
    expect(await readFile(inImage("app/THIRD_PARTY_NOTICES.agent"), "utf8")).toMatch(
      /@grpc\/grpc-js .* \(Apache-2\.0\)/,
    );
  });

  it("has each library that its Node.js looks for, and is as large as it says", async () => {
    const { stdout } = await execa("ldd", [process.execPath]);
    const wanted = stdout.split("\n").flatMap((line) => /^\s*(\S+\.so\S*) => \//.exec(line)?.[1] ?? []);
    const { stdout: listed } = await execa("find", [rootfs, "-name", "*.so*"]);
    const there = new Set(listed.split("\n").map((file) => file.split("/").at(-1)));
    expect(wanted.filter((name) => !there.has(name))).toEqual([]);
    expect(packed.bytes).toBeGreaterThan(packed.compressedBytes);
  });
});

describe("a program's name", () => {
  it("that is none is refused, naming those that there are", () => {
    expect(() => programNamed("agnet")).toThrow("no program agnet; there are controller, agent, posture, gpu-check");
  });
});
