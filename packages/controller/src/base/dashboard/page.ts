import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { extname, join, relative, sep } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".json": "application/json; charset=utf-8",
  ".webmanifest": "application/manifest+json",
};

/** What of a file crosses the network. */
export interface Asset {
  readonly type: string;
  readonly etag: string;
  /** Its name changes with its content. */
  readonly immutable: boolean;
  readonly plain: Buffer;
  readonly gzip: Buffer;
  readonly brotli: Buffer;
}

/** Files of a page by the path that asks for them: what is not among them is not on the disk for anybody. */
export type Page = ReadonlyMap<string, Asset>;

/** A page is some hundred kilobytes; more than this is some other folder. */
const mostBytes = 8 * 1024 * 1024;

/** Where the page lies: beside the bundled program, or where the build of a checkout puts it. @returns undefined: nowhere */
export function builtPage(): string | undefined {
  const here = import.meta.dirname;
  const places = [join(here, "dashboard"), join(here, "..", "..", "..", "..", "..", "dist", "dashboard")];
  return places.find((place) => existsSync(join(place, "index.html")));
}

/**
 * The page, whole in memory and compressed once.
 *
 * @throws Error where the folder cannot be read, or is no page
 */
export async function readPage(folder: string): Promise<Page> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const page = new Map<string, Asset>();
  let bytes = 0;
  for (const entry of entries) {
    const type = types[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const plain = await readFile(join(entry.parentPath, entry.name));
    bytes += plain.length;
    if (bytes > mostBytes) throw new Error(`${folder} has more than ${mostBytes} bytes: it is no page`);
    page.set(pathOf(folder, join(entry.parentPath, entry.name)), assetOf(plain, type, entry.parentPath));
  }
  const index = page.get("/index.html");
  if (!index) throw new Error(`${folder} has no index.html`);
  return page.set("/", index);
}

function pathOf(folder: string, file: string): string {
  return `/${relative(folder, file).split(sep).join("/")}`;
}

function assetOf(plain: Buffer, type: string, folder: string): Asset {
  return {
    type,
    etag: `"${createHash("sha256").update(plain).digest("base64url").slice(0, 22)}"`,
    immutable: folder.split(sep).at(-1) === "assets",
    plain,
    gzip: gzipSync(plain, { level: 9 }),
    brotli: brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  };
}

/** A file as it is answered to one who takes these encodings, and has perhaps this version of it already. */
export function answerOf(
  asset: Asset,
  headers: IncomingHttpHeaders,
): { readonly status: 200 | 304; readonly body: Buffer; readonly fields: Readonly<Record<string, string>> } {
  const caching = asset.immutable ? "public, max-age=31536000, immutable" : "no-cache";
  const fields = { etag: asset.etag, vary: "accept-encoding", "cache-control": caching };
  if (headers["if-none-match"] === asset.etag) return { status: 304, body: nothing, fields };
  const { body, encoding } = encoded(asset, headers["accept-encoding"]?.toString() ?? "");
  const encodings = encoding === null ? {} : { "content-encoding": encoding };
  return { status: 200, body, fields: { ...fields, "content-type": asset.type, ...encodings } };
}

const nothing = Buffer.alloc(0);

/** The smallest of those that the peer takes. */
function encoded(asset: Asset, accepted: string): { readonly body: Buffer; readonly encoding: string | null } {
  if (/\bbr\b/.test(accepted)) return { body: asset.brotli, encoding: "br" };
  if (/\bgzip\b/.test(accepted)) return { body: asset.gzip, encoding: "gzip" };
  return { body: asset.plain, encoding: null };
}
