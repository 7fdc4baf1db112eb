import { join } from "node:path";

import { Directories } from "./directories.ts";
import { isPodsRoot, parseUnexpandedGroup } from "./names.ts";

/** How deep a tree of pods may be nested: kind in a container on a systemd machine is at 5. */
const deepestNesting = 6;

/** Where containers are, as paths relative to the hierarchy's root, the nearest to it first. */
export interface Trees {
  /** The groups of all pods of a node. */
  readonly podsRoots: readonly string[];
  /** Groups of runtimes that hold containers themselves. */
  readonly runtimeGroups: readonly string[];
}

/** Looks for trees of pods below `root`, breadth first. */
export function findTrees(root: string): Trees {
  const directories = new Directories();
  const podsRoots: string[] = [];
  const runtimeGroups: string[] = [];
  let level = [""];
  for (let depth = 0; depth < deepestNesting && level.length > 0; depth += 1) {
    const next: string[] = [];
    for (const path of level) {
      const names = directories.list(join(root, path)) ?? [];
      if (names.some((name) => parseUnexpandedGroup(name) !== null)) runtimeGroups.push(path);
      podsRoots.push(...names.filter(isPodsRoot).map((name) => join(path, name)));
      next.push(...names.filter((name) => !isPodsRoot(name)).map((name) => join(path, name)));
    }
    level = next;
  }
  return { podsRoots, runtimeGroups };
}
