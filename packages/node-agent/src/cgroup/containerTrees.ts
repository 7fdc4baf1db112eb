import { basename, join } from "node:path";

import type { Clock } from "@walras/kit";

import { Directories } from "./directories.ts";
import type { FoundContainer } from "./found.ts";
import { isPodsRoot, isQosGroup, parseContainerGroup, parsePodGroup } from "./names.ts";
import { findTrees, type Trees } from "./findTrees.ts";
import { type Unexpanded, unexpandedIn } from "./unexpanded.ts";

interface PodGroup {
  readonly podName: string;
  readonly podPath: string;
  /** The same from the file system's root, to be listed. */
  readonly directory: string;
  readonly nodePath: string;
  names: readonly string[];
  containers: readonly FoundContainer[];
}

/** The pods directly in a group, and the groups of QoS classes in it. */
interface Level {
  readonly directory: string;
  readonly names: readonly string[];
  readonly pods: readonly PodGroup[];
  readonly classes: readonly { readonly path: string; readonly nodePath: string }[];
}

const nothing: readonly string[] = [];

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
  readonly #levels = new Map<string, Level>();
  #trees: Trees = { podsRoots: [], runtimeGroups: [] };
  readonly #unexpanded = new Map<string, Unexpanded>();
  #found: readonly FoundContainer[] = [];
  #searchAtMs = -Infinity;
  #rereadAtMs = -Infinity;

  constructor(root: string, clock: Clock) {
    this.#root = root;
    this.#clock = clock;
  }

  /** The groups that trees of pods are in; one for each node of the machine. */
  nodePaths(): readonly string[] {
    return this.#trees.podsRoots.map(parentPath);
  }

  /** Where to look for a tree's own files. */
  podsRoots(): readonly string[] {
    return this.#trees.podsRoots;
  }

  /** Reads every directory again at the next scan. */
  forget(): void {
    this.#rereadAtMs = -Infinity;
  }

  /** Nothing is made anew that has not changed, the answer included: this runs every second. */
  scan(): readonly FoundContainer[] {
    this.#refresh();
    const found: FoundContainer[] = [];
    for (const podsRoot of this.#trees.podsRoots) this.#scanLevel(this.#level(podsRoot, parentPath(podsRoot)), found);
    for (const group of this.#trees.runtimeGroups) found.push(...this.#unexpandedIn(group));
    if (!isSame(found, this.#found)) this.#found = found;
    return this.#found;
  }

  #refresh(): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs >= this.#rereadAtMs) {
      this.#directories.forget();
      this.#levels.clear();
      this.#unexpanded.clear();
      this.#rereadAtMs = nowMs + rereadEveryMs;
    }
    if (nowMs < this.#searchAtMs) return;
    this.#trees = findTrees(this.#root);
    this.#searchAtMs = nowMs + (this.#trees.podsRoots.length > 0 ? searchEveryMs : searchAgainMs);
  }

  #scanLevel(level: Level, found: FoundContainer[]): void {
    for (const pod of level.pods) found.push(...this.#containersOf(pod));
    for (const { path, nodePath } of level.classes) this.#scanLevel(this.#level(path, nodePath), found);
  }

  #level(path: string, nodePath: string): Level {
    const known = this.#levels.get(path);
    const directory = known?.directory ?? join(this.#root, path);
    const names = this.#list(directory);
    if (known?.names === names) return known;
    const level = readLevel({ directory, names }, path, nodePath);
    this.#levels.set(path, level);
    return level;
  }

  #containersOf(pod: PodGroup): readonly FoundContainer[] {
    const names = this.#list(pod.directory);
    if (names !== pod.names) {
      pod.names = names;
      pod.containers = readPod(names, pod);
    }
    return pod.containers;
  }

  /** Containers that are in a runtime's own group, and not in their pods'. */
  #unexpandedIn(group: string): readonly FoundContainer[] {
    const names = this.#list(join(this.#root, group));
    const known = this.#unexpanded.get(group);
    if (known?.names === names) return known.containers;
    const read = unexpandedIn(group, names, this.nodePaths());
    this.#unexpanded.set(group, read);
    return read.containers;
  }

  #list(directory: string): readonly string[] {
    return this.#directories.list(directory) ?? nothing;
  }
}

function readLevel({ directory, names }: Pick<Level, "directory" | "names">, path: string, nodePath: string): Level {
  const pods: PodGroup[] = [];
  const classes: { path: string; nodePath: string }[] = [];
  for (const name of names) {
    const podName = parsePodGroup(name);
    const child = join(path, name);
    if (podName !== null) {
      pods.push({
        podName,
        podPath: child,
        directory: join(directory, name),
        nodePath,
        names: nothing,
        containers: [],
      });
    } else if (isPodsRoot(basename(path)) && isQosGroup(name)) classes.push({ path: child, nodePath });
  }
  return { directory, names, pods, classes };
}

function isSame(one: readonly FoundContainer[], other: readonly FoundContainer[]): boolean {
  return one.length === other.length && one.every((container, index) => container === other[index]);
}

function readPod(names: readonly string[], { podName, podPath, nodePath }: PodGroup): FoundContainer[] {
  return names.flatMap((name) => {
    const container = parseContainerGroup(name);
    return container ? [{ podName, podPath, nodePath, ...container, path: join(podPath, name) }] : [];
  });
}

function parentPath(path: string): string {
  const parent = join(path, "..");
  return parent === "." ? "" : parent;
}
