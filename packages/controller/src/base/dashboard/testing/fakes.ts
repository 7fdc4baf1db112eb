import type { DashboardNode, SummaryCells, SummaryStrip } from "@walras/api";
import { RecordedCluster } from "@walras/api/dashboard/testing";

import type { StreamConnection } from "../../history/stream.ts";
import type { ReviewedReader } from "../../ops/viewAccess.ts";
import type { DashboardAccess } from "../access.ts";
import type { MarketSource } from "../ports.ts";

/** Knows a token for each reader, and nothing while it is away. */
export class FakeDashboardAccess implements DashboardAccess {
  readonly how = "kubernetes";
  readonly #allowed: ReadonlySet<string>;
  readonly #users: ReadonlySet<string>;
  away = false;

  /** A user's token is "USER-token". */
  constructor(users: readonly string[], allowed: readonly string[]) {
    this.#users = new Set(users);
    this.#allowed = new Set(allowed);
  }

  review(token: string): Promise<ReviewedReader> {
    if (this.away) return Promise.reject(new Error("the API server is away"));
    const user = token.replace(/-token$/, "");
    if (!this.#users.has(user)) return Promise.resolve({ verdict: "unauthenticated", user: null });
    return Promise.resolve({ verdict: this.#allowed.has(user) ? "allowed" : "forbidden", user });
  }
}

/** A market of made-up nodes. */
export class FakeMarket implements MarketSource {
  readonly cluster: RecordedCluster;

  constructor(nodes = 3, pods = 30) {
    this.cluster = new RecordedCluster({ nodes, pods, seed: 1 });
  }

  summary(): { strip: SummaryStrip; cells: SummaryCells } {
    const { strip, cells } = this.cluster.summary();
    return { strip, cells };
  }

  node(name: string): DashboardNode | null {
    if (!this.cluster.summary().cells.node.includes(name)) return null;
    return {
      node: name,
      atMs: 0,
      state: "uncongested",
      unknownBecause: null,
      capacityMilli: 32_000,
      cpuMilli: 32_000,
      allocatableMilli: 31_000,
      promisedMilli: 20_000,
      usedMilli: 10_000,
      othersMilli: 100,
      price: 0,
      requestPrice: 0,
      scarceSinceMs: null,
      pods: [],
      podsLeftOut: 0,
    };
  }

  pod(): Promise<null> {
    return Promise.resolve(null);
  }
}

/** A connection whose peer takes what the test says. */
export class FakeConnection implements StreamConnection {
  readonly written: string[] = [];
  writableLength = 0;
  destroyed = false;
  readonly #onClose: (() => void)[] = [];

  write(text: string): void {
    this.written.push(text);
  }

  destroy(): void {
    this.destroyed = true;
    for (const listener of this.#onClose.splice(0)) listener();
  }

  once(event: "close" | "drain", listener: () => void): void {
    if (event === "close") this.#onClose.push(listener);
  }
}
