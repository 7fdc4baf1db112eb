import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { VirtualClock } from "@walras/kit";

import type { KubeObject } from "../apiserver/index.ts";
import { parseScenario, type Scenario } from "../scenario/index.ts";
import { SimCluster } from "./simCluster.ts";

/** All that a sampler can tell. */
export const everything = { podUidOf: null, podNames: new Set<string>(), allocatableMilli: null };

/** What tests have opened, closed again newest first. */
export class Opened {
  readonly #closes: (() => Promise<void> | void)[] = [];

  push(close: () => Promise<void> | void): void {
    this.#closes.push(close);
  }

  async closeAll(): Promise<void> {
    for (const close of this.#closes.splice(0).toReversed()) await close();
  }

  /** A cluster after so many seconds of its own clock. */
  async running(
    scenario: Scenario,
    seconds: number,
    directory?: string,
  ): Promise<{ cluster: SimCluster; clock: VirtualClock }> {
    const clock = new VirtualClock();
    const cluster = new SimCluster({ scenario, clock, ...(directory === undefined ? {} : { directory }) });
    this.push(() => cluster.stop());
    await cluster.start();
    await clock.advance(seconds * 1000);
    return { cluster, clock };
  }

  /** A folder of the test's own. */
  scratch(): string {
    const directory = mkdtempSync(join(tmpdir(), "sim-cluster-"));
    this.push(() => rmSync(directory, { recursive: true, force: true }));
    return directory;
  }
}

/** A scenario of one node of two cores. */
export const oneNode = (pods: string, more = ""): Scenario =>
  parseScenario(`name: t\nnodes: [{name: n, cores: 2, reserved: 0}]\npods: [${pods}]\n${more}`, "t");

/** A pod that wants more than its limit. */
export const greedy = (name: string, extra = ""): string =>
  `{name: ${name}, ${extra} containers: [{requests: {cpu: 500m}, limits: {cpu: 1}, load: {demand: {kind: constant, cores: 2}}}]}`;

export function podNamed(cluster: SimCluster, name: string, namespace = "default"): KubeObject | undefined {
  return cluster.api.store.get("pods", namespace, name);
}
