import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * Where a program is, as a shell would find it, without starting anything.
 *
 * @param program a path, or a name to be looked for
 * @returns null where there is none that may be run
 */
export function findProgram(program: string, path: string): string | null {
  const places = program.includes("/") ? [program] : path.split(delimiter).map((folder) => join(folder, program));
  return places.find(isRunnable) ?? null;
}

function isRunnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
