import { join } from "node:path";

import type { Clock } from "@walras/kit";

import { Directories } from "./directories.ts";
import { type ContainerName, isPodsRoot, isQosGroup, parseContainerGroup, parsePodGroup } from "./names.ts";

/** A container's group. Paths are relative to the hierarchy's root. */
export interface FoundContainer extends ContainerName {
  /** The pod's UID, or the config hash of a static pod. */
  readonly podName: string;
  readonly path: string;
  readonly podPath: string;
  /** The group that the tree of all pods is in; empty at the root. */
  readonly nodePath: string;
}

/** How deep a tree of pods may be nested: kind in a container on a systemd machine is at 5. */
const deepestNesting = 6;
const searchEveryMs = 30_000;
const searchAgainMs = 2_000;
const rereadEveryMs = 15_000;

/**
 * All containers' groups of a hierarchy. Several nodes may share a machine, so
 * there may be several trees of pods; all are seen.
 */
export class ContainerTrees {
  readonly #root: string;
  readonly #clock: Clock;
  readonly #directories = new Directories();
  #podsRoots: readonly string[] = [];
  #searchAtMs = -Infinity;
  #rereadAtMs = -Infinity;

  constructor(root: string, clock: Clock) {
    this.#root = root;
    this.#clock = clock;
  }

  /** The groups that trees of pods are in; one for each node of the machine. */
  nodePaths(): readonly string[] {
    return this.#podsRoots.map(parentPath);
  }

  /** Where to look for a tree's own files. */
  podsRoots(): readonly string[] {
    return this.#podsRoots;
  }

  /** Reads every directory again at the next scan. */
  forget(): void {
    this.#rereadAtMs = -Infinity;
  }

  scan(): FoundContainer[] {
    this.#refresh();
    const found: FoundContainer[] = [];
    for (const podsRoot of this.#podsRoots) this.#scanLevel(podsRoot, podsRoot, found);
    return found;
  }

  #refresh(): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs >= this.#rereadAtMs) {
      this.#directories.forget();
      this.#rereadAtMs = nowMs + rereadEveryMs;
    }
    if (nowMs < this.#searchAtMs) return;
    this.#podsRoots = findPodsRoots(this.#root);
    this.#searchAtMs = nowMs + (this.#podsRoots.length > 0 ? searchEveryMs : searchAgainMs);
  }

  #scanLevel(path: string, podsRoot: string, found: FoundContainer[]): void {
    for (const name of this.#list(path)) {
      const podName = parsePodGroup(name);
      if (podName !== null)
        this.#scanPod({ podName, podPath: join(path, name), nodePath: parentPath(podsRoot) }, found);
      else if (path === podsRoot && isQosGroup(name)) this.#scanLevel(join(path, name), podsRoot, found);
    }
  }

  #scanPod(pod: Pick<FoundContainer, "podName" | "podPath" | "nodePath">, found: FoundContainer[]): void {
    for (const name of this.#list(pod.podPath)) {
      const container = parseContainerGroup(name);
      if (container) found.push({ ...pod, ...container, path: join(pod.podPath, name) });
    }
  }

  #list(path: string): readonly string[] {
    return this.#directories.list(join(this.#root, path)) ?? [];
  }
}

/** The groups of all pods below `root`, as paths relative to it, found breadth first. */
function findPodsRoots(root: string): string[] {
  const directories = new Directories();
  const found: string[] = [];
  let level = [""];
  for (let depth = 0; depth < deepestNesting && level.length > 0; depth += 1) {
    const children = level.flatMap((path) =>
      (directories.list(join(root, path)) ?? []).map((name) => ({ name, path: join(path, name) })),
    );
    found.push(...children.filter(({ name }) => isPodsRoot(name)).map(({ path }) => path));
    level = children.filter(({ name }) => !isPodsRoot(name)).map(({ path }) => path);
  }
  return found;
}

function parentPath(path: string): string {
  const parent = join(path, "..");
  return parent === "." ? "" : parent;
}
