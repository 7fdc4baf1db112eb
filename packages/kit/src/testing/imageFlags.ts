import { join } from "node:path";

import { readDockerfile } from "../dockerfile.ts";

const root = join(import.meta.dirname, "..", "..", "..", "..");
/** Changes what a stack trace looks like, and nothing that is measured. */
const forPeople = "--enable-source-maps";

/**
 * The flags with which an image runs Node.js: what is measured and attacked is then what is shipped.
 *
 * @param dockerfile from the root of the repository
 * @throws Error where it has no ENTRYPOINT in the form of a list
 */
export function imageFlags(dockerfile: string): readonly string[] {
  const { entrypoint } = readDockerfile(join(root, dockerfile));
  return entrypoint.filter((word) => word.startsWith("--") && word !== forPeople);
}

/** The flags for a process that no container bounds: the heap that they have of so much memory. */
export function flagsWithin(memoryMib: number, flags: readonly string[]): readonly string[] {
  return flags.map((flag) =>
    flag.replace(
      /^--max-old-space-size-percentage=(\d+)$/,
      (_, percent) => `--max-old-space-size=${Math.floor((memoryMib * Number(percent)) / 100)}`,
    ),
  );
}
