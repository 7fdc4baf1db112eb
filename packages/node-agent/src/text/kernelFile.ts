import { closeSync, openSync, readSync } from "node:fs";

import type { KernelText } from "./kernelText.ts";

/** The file, or the group it belongs to, is not there, or the kernel was built without it. */
const absentCodes: ReadonlySet<string | undefined> = new Set(["ENOENT", "ENODEV", "ENOTDIR", "EOPNOTSUPP", "ENOTSUP"]);

/**
 * A file of the kernel that is read again and again. On a kernel file system
 * it stays open, for a read from the start gives the present content; on any
 * other it is opened anew, because there a writer may put a new file in place.
 */
export class KernelFile {
  readonly path: string;
  readonly #keepOpen: boolean;
  #descriptor: number | null = null;
  #absent = false;

  constructor(path: string, keepOpen: boolean) {
    this.path = path;
    this.#keepOpen = keepOpen;
  }

  /**
   * Reads from the start into `text`.
   *
   * @returns false where the file is not, or no longer, there
   * @throws Error naming the file, when it is there and cannot be read
   */
  read(text: KernelText): boolean {
    if (this.#absent) return false;
    try {
      this.#descriptor ??= openSync(this.path, "r");
      text.length = readSync(this.#descriptor, text.bytes, 0, text.bytes.length, 0);
      if (!this.#keepOpen) this.close();
      return true;
    } catch (error) {
      return this.#failed(error);
    }
  }

  close(): void {
    if (this.#descriptor === null) return;
    closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  #failed(cause: unknown): false {
    this.close();
    if (!absentCodes.has((cause as NodeJS.ErrnoException).code)) {
      throw new Error(`${this.path} cannot be read`, { cause });
    }
    this.#absent = this.#keepOpen;
    return false;
  }
}

/**
 * Reads a file once.
 *
 * @returns false where the file is not there
 * @throws Error naming the file, when it is there and cannot be read
 */
export function readKernelFile(path: string, text: KernelText): boolean {
  return new KernelFile(path, false).read(text);
}
