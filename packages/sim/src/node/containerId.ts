import type { Rng } from "@walras/kit";

/** A container's id, as container runtimes make them: 64 hexadecimal digits. */
export function newContainerId(rng: Rng): string {
  return Array.from({ length: 64 }, () => Math.floor(rng() * 16).toString(16)).join("");
}
