import { formatCpu } from "@walras/kit";

import type { Declared } from "./allocation.ts";

/** What is declared otherwise than recorded, and by whom; null where nothing is. */
export function redeclaration(
  recorded: ReadonlyMap<string, Declared>,
  declared: ReadonlyMap<string, Declared>,
  managers: readonly string[],
): string | null {
  const changes = [...declared].filter(([container, now]) => !isSame(now, recorded.get(container)));
  if (changes.length === 0) return null;
  const shown = changes.map(([container, { requestMilli, limitMilli }]) => {
    const limit = limitMilli === null ? "no limit" : `limit ${formatCpu(limitMilli)}`;
    return `container ${container} has request ${formatCpu(requestMilli)}, ${limit}`;
  });
  return `resized by ${managers.join(", ")}: ${shown.join("; ")} as declared from now on`;
}

function isSame(one: Declared, other: Declared | undefined): boolean {
  return one.requestMilli === other?.requestMilli && one.limitMilli === other.limitMilli;
}
