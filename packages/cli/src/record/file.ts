import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream";
import { constants, createGunzip, createGzip, type Gzip } from "node:zlib";

import { describeError, errorAt, parseWith } from "@walras/kit";
import { linesOf } from "@walras/kube";

import { type Frame, frameSchema } from "./frames.ts";

/** Writes frames to a file, a line each, packed; no more than so many bytes of it. */
export class RecordingFile {
  readonly #zip: Gzip;
  readonly #written: Promise<void>;
  readonly #mostBytes: number;
  #bytes = 0;

  private constructor(zip: Gzip, written: Promise<void>, mostBytes: number) {
    this.#zip = zip;
    this.#written = written;
    this.#mostBytes = mostBytes;
  }

  /** @throws FieldError where the file cannot be made, or is there already */
  static async create(file: string, mostBytes: number): Promise<RecordingFile> {
    const zip = createGzip();
    try {
      const handle = await open(file, "wx");
      const recording = new RecordingFile(zip, drained(zip, handle.createWriteStream()), mostBytes);
      zip.on("data", (chunk: Buffer) => (recording.#bytes += chunk.length));
      return recording;
    } catch (error) {
      throw errorAt("--out", file, `cannot be made (${(error as NodeJS.ErrnoException).code ?? describeError(error)})`);
    }
  }

  /** It has no room for more. */
  get full(): boolean {
    return this.#bytes >= this.#mostBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  async write(frame: Frame): Promise<void> {
    const goesOn = this.#zip.write(`${JSON.stringify(frame)}\n`);
    if (!goesOn) await new Promise((resolve) => this.#zip.once("drain", resolve));
    // What is still in the packer counts too, and is there if the program is killed.
    await new Promise<void>((resolve) => this.#zip.flush(resolve));
  }

  async close(): Promise<void> {
    this.#zip.end();
    await this.#written;
  }
}

function drained(zip: Gzip, out: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve, reject) => {
    zip.once("error", reject);
    out.once("error", reject);
    out.once("finish", resolve);
    zip.pipe(out);
  });
}

/**
 * The frames of a recording, in order. One that breaks off in the middle is
 * read as far as it goes.
 *
 * @throws FieldError naming file and line
 */
export async function readRecording(file: string): Promise<Frame[]> {
  const frames: Frame[] = [];
  try {
    for await (const line of linesOf(unpacked(file), mostLineUnits))
      frames.push(frameIn(line, `${file}:${frames.length + 1}`));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === undefined ? error : errorAt("file", file, `cannot be read (${code})`);
  }
  if (frames[0]?.kind !== "header") throw errorAt("file", file, "is no recording of walras record");
  return frames;
}

/** Whatever was flushed is there, also where the end is missing. */
function unpacked(file: string): AsyncIterable<Uint8Array> {
  return pipeline(createReadStream(file), createGunzip({ finishFlush: constants.Z_SYNC_FLUSH }), () => undefined);
}

/** All pods of a large cluster are in one line. */
const mostLineUnits = 2 ** 28;

function frameIn(line: string, origin: string): Frame {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw errorAt(origin, line.slice(0, 80), "is not JSON");
  }
  return parseWith(frameSchema, value, origin);
}
