import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Hierarchy } from "./hierarchy.ts";
import { processIds } from "./settingsChild.ts";

/** The program of a pod's sandbox, which does nothing (build/pause in kubernetes/kubernetes). */
const pauseProgram = "pause";

/** Tells sandboxes from containers where nobody else does: the only process is named "pause". */
export class Sandboxes {
  readonly #hierarchy: Hierarchy;
  readonly #procRoot: string;

  constructor(hierarchy: Hierarchy, procRoot: string) {
    this.#hierarchy = hierarchy;
    this.#procRoot = procRoot;
  }

  /** False where it cannot be told. */
  isSandbox(path: string): boolean {
    const [only, ...others] = processIds(join(this.#hierarchy.cpuDirectory, path));
    return only !== undefined && others.length === 0 && this.#programOf(only) === pauseProgram;
  }

  #programOf(pid: number): string {
    try {
      return readFileSync(join(this.#procRoot, String(pid), "comm"), "latin1").trim();
    } catch {
      return "";
    }
  }
}
