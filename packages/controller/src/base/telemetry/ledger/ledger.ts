import type { FeedResult } from "./feed.ts";
import type { GpusReading } from "./gpuReading.ts";
import type { ContainerReading, NodeReading } from "./readings.ts";

/** What a report has told of a node's containers. */
export type ContainerNews = Pick<FeedResult, "containers" | "gone">;

interface NodeEntry {
  reading: NodeReading | null;
  gpus: GpusReading | null;
  readonly containers: Map<string, ContainerReading>;
}

/**
 * The live demand of the whole cluster: what every agent last said, with the
 * moment it was said. Every part decides from here. It keeps readings that have
 * grown old, so that each reader judges freshness by its own needs.
 */
export class Ledger {
  readonly #nodes = new Map<string, NodeEntry>();
  readonly #listeners: ((news: ContainerNews, node: string) => void)[] = [];

  /** Joins what a feed has read into what is known of the node. */
  apply(node: string, result: FeedResult): void {
    const entry = this.#entry(node);
    if (result.node) entry.reading = result.node;
    if (result.gpus) entry.gpus = result.gpus;
    for (const id of result.gone) entry.containers.delete(id);
    for (const reading of result.containers) entry.containers.set(reading.containerId, reading);
    for (const listener of this.#listeners) listener(result, node);
  }

  /** Tells what is new of containers, as it comes. */
  onNews(listener: (news: ContainerNews, node: string) => void): void {
    this.#listeners.push(listener);
  }

  /** Names of all nodes that an agent spoke for. */
  nodes(): Iterable<string> {
    return this.#nodes.keys();
  }

  /** What the node's agent last said of the node; null before its first report. */
  node(node: string): NodeReading | null {
    return this.#nodes.get(node)?.reading ?? null;
  }

  /** What the node's agent last said of its GPUs; null before it said anything of them. */
  gpus(node: string): GpusReading | null {
    return this.#nodes.get(node)?.gpus ?? null;
  }

  /** The container's last reading, however old; undefined if there never was one. */
  container(node: string, containerId: string): ContainerReading | undefined {
    return this.#nodes.get(node)?.containers.get(containerId);
  }

  /** Every container that the node's agent ever told of and that is there, however old its reading. */
  containers(node: string): Iterable<ContainerReading> {
    return this.#nodes.get(node)?.containers.values() ?? [];
  }

  /** Drops everything about a node that has left the cluster. */
  forgetNode(node: string): void {
    this.#nodes.delete(node);
  }

  /** Drops containers that no pod of the node has any more. */
  retain(node: string, containerIds: ReadonlySet<string>): void {
    const containers = this.#nodes.get(node)?.containers;
    if (!containers) return;
    for (const id of containers.keys()) if (!containerIds.has(id)) containers.delete(id);
  }

  #entry(node: string): NodeEntry {
    let entry = this.#nodes.get(node);
    if (!entry) {
      entry = { reading: null, gpus: null, containers: new Map() };
      this.#nodes.set(node, entry);
    }
    return entry;
  }
}
