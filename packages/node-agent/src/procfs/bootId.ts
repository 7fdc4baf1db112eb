import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The machine's boot id; empty where the kernel does not tell. */
export function readBootId(procRoot: string): string {
  try {
    return readFileSync(join(procRoot, "sys/kernel/random/boot_id"), "latin1").trim();
  } catch {
    return "";
  }
}
