import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";

/** A file of an archive. */
export interface TarFile {
  /** Without a leading slash. */
  readonly path: string;
  readonly content: Buffer | { readonly file: string };
  /** 0644 where it is not given. */
  readonly mode?: number;
}

interface Entry {
  readonly path: string;
  readonly mode: number;
  readonly size: number;
  readonly type: "file" | "folder";
}

const blockBytes = 512;
const end = Buffer.alloc(2 * blockBytes);
/** Everybody may write there, and only the owner of a file may remove it. */
const shared = new Map([["tmp", 0o1777]]);

/**
 * The same archive (ustar) for the same files, in whatever order they are given: they and their folders are sorted, of
 * root, and as old as time.
 *
 * @param folders that are there though nothing is in them
 * @throws Error for a path of more than 255 bytes, or with a name of more than 100
 */
export async function* tarOf(files: readonly TarFile[], folders: readonly string[] = []): AsyncGenerator<Buffer> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const paths = new Set([...folders, ...folders.flatMap(above), ...[...byPath.keys()].flatMap(above)]);
  for (const path of [...paths, ...byPath.keys()].toSorted()) {
    const file = byPath.get(path);
    if (file === undefined)
      yield header({ path: `${path}/`, mode: shared.get(path) ?? 0o755, size: 0, type: "folder" });
    else yield* fileEntry(file);
  }
  yield end;
}

/** The folders that a path lies in. */
function above(path: string): readonly string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

async function* fileEntry({ path, content, mode = 0o644 }: TarFile): AsyncGenerator<Buffer> {
  const size = Buffer.isBuffer(content) ? content.length : (await stat(content.file)).size;
  yield header({ path, mode, size, type: "file" });
  if (Buffer.isBuffer(content)) yield content;
  else yield* createReadStream(content.file) as AsyncIterable<Buffer>;
  yield Buffer.alloc((blockBytes - (size % blockBytes)) % blockBytes);
}

function header({ path, mode, size, type }: Entry): Buffer {
  const block = Buffer.alloc(blockBytes);
  const { name, prefix } = split(path);
  block.write(name, 0);
  const octal = (value: number, at: number, length: number): void => {
    block.write(value.toString(8).padStart(length - 1, "0"), at);
  };
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  block.write(" ".repeat(8), 148);
  block.write(type === "file" ? "0" : "5", 156);
  block.write("ustar\u000000", 257);
  block.write(prefix, 345);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\u0000 `, 148);
  return block;
}

/** A name of at most 100 bytes, below a prefix of at most 155. */
function split(path: string): { readonly name: string; readonly prefix: string } {
  if (Buffer.byteLength(path) <= 100) return { name: path, prefix: "" };
  for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)];
    if (name !== "" && Buffer.byteLength(name) <= 100 && Buffer.byteLength(prefix) <= 155) return { name, prefix };
  }
  throw new Error(`${path} is too long for an archive`);
}
