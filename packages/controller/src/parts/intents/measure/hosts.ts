import { type Clock, describeError, type Logger, Once } from "@walras/kit";

import type { IntentSnapshot } from "../decide/snapshot.ts";
import type { HostData } from "../observe/observer.ts";
import type { Asking } from "./asked.ts";

export interface HostMetricsOptions {
  /** `%s` are the names of nodes with | between them. */
  readonly metrics: readonly { readonly name: string; readonly query: string }[];
  /** Label that names the node. */
  readonly hostField: string;
  readonly endpoint: string;
  readonly staleAfterSeconds: number;
  readonly asking: Asking;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Seen {
  readonly value: number;
  readonly atMs: number;
}

/** Of nodes that are asked for in one query: a URL holds no more. */
const mostNodes = 100;

/** What the configured metrics of nodes are; what is old or not answered is left out. */
export class HostMetrics implements HostData {
  readonly #options: HostMetricsOptions;
  readonly #said = new Once();
  /** By metric, then by node. */
  #seen = new Map<string, Map<string, Seen>>();

  constructor(options: HostMetricsOptions) {
    this.#options = options;
  }

  of(nodes: ReadonlySet<string>): IntentSnapshot["data"] {
    return new Map([...this.#seen].map(([metric, byNode]) => [metric, this.#fresh(byNode, nodes)]));
  }

  /** Nodes that nobody asks for are forgotten; nothing is thrown. */
  async refresh(nodes: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    const next = new Map<string, Map<string, Seen>>();
    for (const metric of this.#options.metrics) {
      const before = [...(this.#seen.get(metric.name) ?? [])].filter(([node]) => nodes.has(node));
      next.set(metric.name, new Map([...before, ...(await this.#ask(metric, [...nodes], signal))]));
    }
    this.#seen = next;
  }

  #fresh(byNode: ReadonlyMap<string, Seen>, nodes: ReadonlySet<string>): Map<string, number> {
    const oldestMs = this.#options.clock.wallMs() - this.#options.staleAfterSeconds * 1_000;
    return new Map(
      [...byNode].flatMap(([node, { value, atMs }]): [string, number][] =>
        nodes.has(node) && atMs >= oldestMs ? [[node, value]] : [],
      ),
    );
  }

  async #ask(
    { name, query }: HostMetricsOptions["metrics"][number],
    nodes: readonly string[],
    signal: AbortSignal,
  ): Promise<[string, Seen][]> {
    const found: [string, Seen][] = [];
    try {
      for (let from = 0; from < nodes.length; from += mostNodes)
        found.push(...(await this.#some(query, nodes.slice(from, from + mostNodes), signal)));
      this.#said.isNews(name, undefined);
    } catch (error) {
      const problem = describeError(error);
      if (this.#said.isNews(name, problem))
        this.#options.logger.warn({ metric: name, problem }, "a metric of nodes cannot be had");
    }
    return found;
  }

  async #some(query: string, nodes: readonly string[], signal: AbortSignal): Promise<[string, Seen][]> {
    const { asking, endpoint, hostField } = this.#options;
    const samples = await asking.samples({ endpoint, query: query.replaceAll("%s", nodes.join("|")) }, signal);
    return samples.flatMap(({ labels, value, atMs }): [string, Seen][] => {
      const node = labels[hostField] ?? "";
      return nodes.includes(node) ? [[node, { value, atMs }]] : [];
    });
  }
}
