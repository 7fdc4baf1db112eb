import type { ContainerNews, Ledger } from "../../../../base/telemetry/ledger/ledger.ts";

interface Throttled {
  readonly milli: Map<string, number>;
  sumMilli: number;
}

/**
 * Who is throttled now, node by node: noted as it is told, so that a sum over
 * the cluster looks at nodes and not at containers.
 */
export class ThrottledNow {
  readonly #nodes = new Map<string, Throttled>();

  follow(ledger: Pick<Ledger, "onNews">): void {
    ledger.onNews((news, node) => this.#hear(news, node));
  }

  /** Thousandths of a second a second; 0 where nobody is, or nothing was told. */
  milli(node: string): number {
    return this.#nodes.get(node)?.sumMilli ?? 0;
  }

  /** Nodes that are gone are forgotten. */
  retain(isThere: (node: string) => boolean): void {
    for (const node of this.#nodes.keys()) if (!isThere(node)) this.#nodes.delete(node);
  }

  #hear({ containers, gone }: ContainerNews, node: string): void {
    for (const { containerId, throttledMilli } of containers) this.#set(node, containerId, throttledMilli);
    for (const containerId of gone) this.#set(node, containerId, 0);
  }

  #set(node: string, containerId: string, milli: number): void {
    const known = this.#nodes.get(node);
    const before = known?.milli.get(containerId) ?? 0;
    if (milli === before) return;
    const entry = known ?? { milli: new Map(), sumMilli: 0 };
    if (milli > 0) entry.milli.set(containerId, milli);
    else entry.milli.delete(containerId);
    entry.sumMilli = entry.milli.size === 0 ? 0 : entry.sumMilli + milli - before;
    if (entry.milli.size === 0) this.#nodes.delete(node);
    else this.#nodes.set(node, entry);
  }
}
