import { join } from "node:path";

import type { FoundContainer } from "./found.ts";
import { parseUnexpandedGroup } from "./names.ts";

/** The containers of a runtime's own group, and the names they were read from. */
export interface Unexpanded {
  readonly names: readonly string[];
  readonly containers: readonly FoundContainer[];
}

/**
 * The containers among a group's children that their runtime has put there. No
 * group of their pod is above them, so that nothing but their own throttles them.
 *
 * @param nodePaths of the machine's trees; the container is of the node that it is below
 */
export function unexpandedIn(group: string, names: readonly string[], nodePaths: readonly string[]): Unexpanded {
  const above = nodePaths.filter((path) => path === "" || group.startsWith(`${path}/`));
  const nodePath = above.toSorted((one, other) => other.length - one.length)[0] ?? "";
  const containers = names.flatMap((name): FoundContainer[] => {
    const parsed = parseUnexpandedGroup(name);
    const path = join(group, name);
    return parsed ? [{ ...parsed, path, podPath: path, nodePath }] : [];
  });
  return { names, containers };
}
