import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { Blobs, type ImageConfig } from "./archive.ts";

const config: ImageConfig = {
  entrypoint: ["/node", "/app/a.mjs"],
  user: "60910:60910",
  env: { A: "1" },
  labels: { "io.walras.sbom": "/app/sbom.json" },
};
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "walras-archive-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

async function build(run: string, name = "docker.io/walras/agent:e2e"): Promise<string> {
  const blobs = await Blobs.in(join(folder, run));
  const layers = [
    await blobs.layer([{ path: "node", content: Buffer.from("node"), mode: 0o755 }], 9, ["tmp"]),
    await blobs.layer([{ path: "app/a.mjs", content: Buffer.from("a") }], 9),
  ];
  const out = join(folder, `${run}.tar`);
  await blobs.archive(name, layers, config, out);
  return out;
}

interface Manifest {
  readonly config: { readonly digest: string };
  readonly layers: readonly { readonly digest: string; readonly size: number }[];
}

/** The archive, unpacked; what is under a digest in it. */
async function unpack(out: string): Promise<(path: string) => Promise<Buffer>> {
  const at = join(folder, "unpacked");
  await rm(at, { recursive: true, force: true });
  await execa("mkdir", [at]);
  await execa("tar", ["--extract", "--directory", at, "--file", out]);
  return (path) => readFile(join(at, path.replace(/^sha256:/, "blobs/sha256/")));
}

describe("an image's archive", () => {
  it("is an OCI layout, each blob under its digest, named for containerd and for docker", async () => {
    const read = await unpack(await build("one"));
    const index = JSON.parse((await read("index.json")).toString()) as {
      readonly manifests: readonly {
        readonly digest: string;
        readonly annotations: object;
        readonly platform: object;
      }[];
    };
    expect(index.manifests[0]).toMatchObject({
      annotations: {
        "io.containerd.image.name": "docker.io/walras/agent:e2e",
        "org.opencontainers.image.ref.name": "e2e",
      },
      platform: { os: "linux" },
    });
    for (const name of await readdir(join(folder, "unpacked", "blobs", "sha256")))
      expect(sha256(await read(`sha256:${name}`))).toBe(name);
    const manifest = JSON.parse((await read(index.manifests[0]?.digest ?? "")).toString()) as Manifest;
    const loaded = JSON.parse((await read("manifest.json")).toString()) as readonly object[];
    expect(loaded).toEqual([
      {
        Config: manifest.config.digest.replace(":", "/").replace("sha256", "blobs/sha256"),
        RepoTags: ["docker.io/walras/agent:e2e"],
        Layers: manifest.layers.map(({ digest }) => digest.replace("sha256:", "blobs/sha256/")),
      },
    ]);
  });

  it("says how it is run, and what its layers are unpacked", async () => {
    const read = await unpack(await build("one"));
    const [loaded] = JSON.parse((await read("manifest.json")).toString()) as readonly {
      readonly Config: string;
      readonly Layers: readonly string[];
    }[];
    const diffIds = await Promise.all(
      (loaded?.Layers ?? []).map(async (layer) => `sha256:${sha256(gunzipSync(await read(layer)))}`),
    );
    expect(JSON.parse((await read(loaded?.Config ?? "")).toString())).toMatchObject({
      os: "linux",
      config: {
        User: "60910:60910",
        Entrypoint: ["/node", "/app/a.mjs"],
        Env: [expect.stringMatching(/^PATH=/), "A=1"],
        Labels: { "io.walras.sbom": "/app/sbom.json" },
      },
      rootfs: { type: "layers", diff_ids: diffIds },
    });
  });

  it("is the same for the same content", async () => {
    expect(sha256(await readFile(await build("one")))).toBe(sha256(await readFile(await build("other"))));
  });
});
