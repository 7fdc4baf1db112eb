import { createHash, type Hash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

import { tarOf, type TarFile } from "./tar.ts";

/** A layer of an image, as it lies in the folder of blobs. */
export interface Layer {
  /** SHA-256 of what is compressed, and of the archive in it. */
  readonly digest: string;
  readonly diffId: string;
  readonly compressedBytes: number;
  readonly bytes: number;
}

/** How an image is run. */
export interface ImageConfig {
  readonly entrypoint: readonly string[];
  readonly user: string;
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

const oci = "application/vnd.oci.image";
const architectures: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };
const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Blobs of images in a folder, and archives of them: an OCI layout that also has the manifest that `docker load` reads,
 * as `docker save` writes it. The same content makes the same bytes.
 */
export class Blobs {
  readonly #folder: string;
  #count = 0;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async in(folder: string): Promise<Blobs> {
    await mkdir(folder, { recursive: true });
    return new Blobs(folder);
  }

  /** @param level of gzip, 1 to 9 */
  async layer(files: readonly TarFile[], level: number, folders: readonly string[] = []): Promise<Layer> {
    const unnamed = join(this.#folder, `.${++this.#count}`);
    const [plain, packed] = [createHash("sha256"), createHash("sha256")];
    let bytes = 0;
    const counted = async function* (): AsyncGenerator<Buffer> {
      for await (const chunk of tarOf(files, folders)) {
        bytes += chunk.length;
        plain.update(chunk);
        yield chunk;
      }
    };
    await pipeline(counted, createGzip({ level }), (chunks) => through(chunks, packed), createWriteStream(unnamed));
    const digest = packed.digest("hex");
    await rename(unnamed, join(this.#folder, digest));
    const compressedBytes = (await stat(join(this.#folder, digest))).size;
    return { digest, diffId: plain.digest("hex"), compressedBytes, bytes };
  }

  /** Writes an image of these layers under this name. @param out file of the archive */
  async archive(name: string, layers: readonly Layer[], config: ImageConfig, out: string): Promise<void> {
    const files: TarFile[] = [];
    const put = (content: Buffer, mediaType: string): Descriptor => {
      const digest = createHash("sha256").update(content).digest("hex");
      files.push({ path: blobPath(digest), content });
      return { mediaType, digest: `sha256:${digest}`, size: content.length };
    };
    const architecture = architectures[process.arch] ?? process.arch;
    const configBlob = put(json(configOf(config, layers, architecture)), `${oci}.config.v1+json`);
    const manifest = put(json(manifestOf(configBlob, layers)), `${oci}.manifest.v1+json`);
    for (const { digest } of layers)
      files.push({ path: blobPath(digest), content: { file: join(this.#folder, digest) } });
    const described = { ...manifest, annotations: namesOf(name), platform: { architecture, os: "linux" } };
    const index = { schemaVersion: 2, mediaType: `${oci}.index.v1+json`, manifests: [described] };
    const loaded = [
      {
        Config: blobPath(configBlob.digest.slice("sha256:".length)),
        RepoTags: [name],
        Layers: layers.map(({ digest }) => blobPath(digest)),
      },
    ];
    files.push({ path: "oci-layout", content: json({ imageLayoutVersion: "1.0.0" }) });
    files.push({ path: "index.json", content: json(index) }, { path: "manifest.json", content: json(loaded) });
    await pipeline(tarOf(files), createWriteStream(out));
  }
}

async function* through(chunks: AsyncIterable<Buffer>, hash: Hash): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

const blobPath = (digest: string): string => `blobs/sha256/${digest}`;
const json = (value: object): Buffer => Buffer.from(JSON.stringify(value));

function configOf(config: ImageConfig, layers: readonly Layer[], architecture: string): object {
  return {
    created: new Date(0).toISOString(),
    architecture,
    os: "linux",
    config: {
      User: config.user,
      Env: Object.entries({ PATH: path, ...config.env }).map(([key, value]) => `${key}=${value}`),
      Entrypoint: config.entrypoint,
      WorkingDir: "/",
      Labels: config.labels,
    },
    rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => `sha256:${diffId}`) },
  };
}

function manifestOf(config: Descriptor, layers: readonly Layer[]): object {
  return {
    schemaVersion: 2,
    mediaType: `${oci}.manifest.v1+json`,
    config,
    layers: layers.map(({ digest, compressedBytes }) => ({
      mediaType: `${oci}.layer.v1.tar+gzip`,
      digest: `sha256:${digest}`,
      size: compressedBytes,
    })),
  };
}

/** The whole name for containerd, the tag for everybody else. */
function namesOf(name: string): Readonly<Record<string, string>> {
  const [, tag = "latest"] = /:([^/:]+)$/.exec(name) ?? [];
  return { "io.containerd.image.name": name, "org.opencontainers.image.ref.name": tag };
}
