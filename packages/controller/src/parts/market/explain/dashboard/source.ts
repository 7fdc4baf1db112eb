import type { DashboardNode, DashboardPod } from "@walras/api";

import type { MarketSource } from "../../../../base/dashboard/ports.ts";
import { nodeMarket } from "./nodeMarket.ts";
import { podTimeline, sampleOf } from "./podTimeline.ts";
import { PodSamples } from "./samples.ts";
import type { MarketSight } from "./sight.ts";
import { marketSummary } from "./summary.ts";

/** The market for the dashboard, and what is recorded for its time lines. */
export class MarketDashboard implements MarketSource {
  readonly #sight: MarketSight;
  readonly #coreHourPrice: number;
  readonly #samples: PodSamples;

  constructor(sight: MarketSight, coreHourPrice: number, samples = new PodSamples()) {
    this.#sight = sight;
    this.#coreHourPrice = coreHourPrice;
    this.#samples = samples;
  }

  summary(): ReturnType<MarketSource["summary"]> {
    return marketSummary(this.#sight, this.#coreHourPrice);
  }

  node(name: string): DashboardNode | null {
    return nodeMarket(name, this.#sight);
  }

  pod(namespace: string, name: string): Promise<DashboardPod | null> {
    return podTimeline({ namespace, name }, this.#sight, this.#samples);
  }

  /** One look at all pods that are recorded; new ones have places as long as there are some. */
  record(): void {
    const { cluster, clock, throttled } = this.#sight;
    throttled.retain((node) => cluster.node(node) !== undefined);
    if (!this.#samples.full) for (const { name } of cluster.nodes.values()) this.#admit(name);
    this.#samples.look(clock.wallMs(), (uid) => sampleOf(uid, this.#sight));
  }

  #admit(node: string): void {
    for (const { managed } of this.#sight.resultOf(node)?.outcomes ?? [])
      if (managed.mode !== "off") this.#samples.admit(managed.pod.uid);
  }
}
