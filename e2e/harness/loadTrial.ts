import type { Rng } from "@walras/kit";
import type { Prometheus } from "@walras/kit/testing";

import type { Cluster } from "./cluster.ts";
import { IntentStage, type Setting } from "./intents.ts";
import { OpenLoad } from "./openLoad.ts";
import { plannerAccount } from "./plannerAccount.ts";
import type { ControllerProgram, Programs } from "./programs.ts";
import { Shop } from "./shop.ts";
import { eventually } from "./wait.ts";

const name = "web";
/** A pod of 150 m is busy with a dozen such requests a second; two seconds' worth of them wait. */
const pod = { cpu: "150m", mostWaiting: 24 };
/** CPU time of a request. */
export const costMs = 10;
/** Seconds at the 99th percentile. */
const target = 0.8;
const queries = {
  p99: "histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket[8s])))",
  rps: "sum(rate(http_requests_total[8s]))",
};

/** By this model five replicas are the least for 25 requests a second, and one is enough for ten. */
const model: Setting["model"] = {
  popt: [0.1, 0.215, 1, 0.03],
  throughputScale: [1, 0],
  throughputRange: [0, 60],
  replicaRange: [1, 8],
};

/** Where the service is tried. */
export interface Trial {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly programs: Programs;
  /** Which has the service's image. */
  readonly node: string;
  readonly prometheus: Prometheus;
  /** `planner.stability` of defaults.json. */
  readonly stability: Setting["stability"];
}

interface Parts {
  readonly shop: Shop;
  readonly intents: IntentStage;
  readonly planner: ControllerProgram;
}

/** A service under an open load with a target for its p99, a Prometheus that measures it, and the planner. */
export class LoadTrial {
  readonly shop: Shop;
  readonly #intents: IntentStage;
  readonly #planner: ControllerProgram;

  private constructor({ shop, intents, planner }: Parts) {
    this.shop = shop;
    this.#intents = intents;
    this.#planner = planner;
  }

  /** With one replica and nobody who asks. */
  static async open(trial: Trial): Promise<LoadTrial> {
    const { cluster, programs, prometheus, stability } = trial;
    const shop = await Shop.open({ ...trial, name, ...pod }, prometheus);
    const intents = new IntentStage(trial, prometheus);
    await intents.profile("p99", "latency", queries.p99);
    await intents.profile("rps", "throughput", queries.rps);
    await intents.intent(name, { p99: target, rps: 0 });
    const account = await plannerAccount(cluster);
    const setting = { model, stability, mostGuessed: { replicas: 0, cpuMilli: 0 } };
    const planner = await programs.startController({ account, args: await intents.configured(setting) });
    return new LoadTrial({ shop, intents, planner });
  }

  async load(rng: Rng): Promise<OpenLoad> {
    return new OpenLoad(await this.shop.url(), costMs, rng);
  }

  async verdict(): Promise<string | undefined> {
    return (await this.#intents.status(name)).verdict;
  }

  async is(wanted: string, withinMs = 60_000): Promise<void> {
    await eventually(
      "verdict",
      () => this.verdict(),
      (verdict) => verdict === wanted,
      withinMs,
    );
  }

  /** Plans that were carried out, by what became of them, as metrics have them. */
  async executions(): Promise<readonly string[]> {
    const metrics = await this.#planner.metrics();
    return metrics.split("\n").filter((line) => line.startsWith("walras_intents_executions_total"));
  }
}
