import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { seededRng } from "@walras/kit";

import { serviceImage } from "../bench/kernel/serviceImage.ts";
import { IntentStage, type Setting } from "../harness/intents.ts";
import { OpenLoad } from "../harness/openLoad.ts";
import { plannerAccount, removePlannerAccount } from "../harness/plannerAccount.ts";
import type { ControllerProgram } from "../harness/programs.ts";
import { Scraper } from "../harness/scraper.ts";
import { Shop } from "../harness/shop.ts";
import { openStage, type Stage } from "../harness/stage.ts";
import { eventually, pause } from "../harness/wait.ts";

const name = "web";
/** A pod of 150 m is busy with a dozen such requests a second. */
const [cpu, costMs, mostWaiting] = ["150m", 10, 24] as const;
/** Requests a second for one pod, and for five. */
const [few, many] = [2, 25] as const;
/** Seconds at the 99th percentile. */
const target = 0.8;
const windowSeconds = 15;
const setting: Setting = {
  // By this model five replicas are the least for many requests, and one is enough for few.
  model: { popt: [0.1, 0.215, 1, 0.03], throughputScale: [1, 0], throughputRange: [0, 60], replicaRange: [1, 8] },
  stability: { stabilisation: windowSeconds, shrink_cool_down: 10, stale_after: 20 },
  mostGuessed: { replicas: 0, cpuMilli: 0 },
};
const queries = {
  p99: "histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket[8s])))",
  rps: "sum(rate(http_requests_total[8s]))",
};

let stage: Stage;
let scraper: Scraper;
let shop: Shop;
let load: OpenLoad;
let intents: IntentStage;
let planner: ControllerProgram;

const verdict = (wanted: string, withinMs?: number): Promise<unknown> =>
  eventually(
    `verdict ${wanted}`,
    () => intents.status(name),
    (status) => status.verdict === wanted,
    withinMs,
  );

async function executions(): Promise<readonly string[]> {
  const metrics = await planner.metrics();
  return metrics.split("\n").filter((line) => line.startsWith("walras_intents_executions_total"));
}

describe.runIf(Scraper.installed)("a service whose requests cost CPU, measured by Prometheus", () => {
  beforeAll(async () => {
    stage = await openStage("intentsLoad");
    const { cluster, namespace, programs } = stage;
    scraper = await Scraper.start();
    intents = new IntentStage(stage, scraper);
    const [node = ""] = cluster.target.localNodes;
    await cluster.target.controlPlane?.loadImage(node, serviceImage);
    shop = await Shop.open({ cluster, namespace, name, cpu, mostWaiting }, scraper);
    load = new OpenLoad(await shop.url(), costMs, seededRng(11));
    await load.is(few);
    await intents.profile("p99", "latency", queries.p99);
    await intents.profile("rps", "throughput", queries.rps);
    await intents.intent(name, { p99: target, rps: 0 });
    const account = await plannerAccount(cluster);
    planner = await programs.startController({ account, args: await intents.configured(setting) });
    await verdict("Fulfilled", 60_000);
  });

  afterAll(async () => {
    await load?.stop();
    await shop?.close();
    await removePlannerAccount(stage.cluster);
    await stage.close();
    await scraper?.remove();
  });

  it("is given the replicas for a step of load within a minute, and no pod is restarted", async () => {
    const [first] = await shop.pods();
    await load.is(many);
    await shop.has((replicas) => replicas >= 5, 60_000);
    await verdict("Fulfilled", 60_000);
    const pods = await shop.pods();
    expect(pods.map(({ name: pod }) => pod)).toContain(first?.name);
    expect(pods.every(({ restarts }) => restarts === 0)).toBe(true);
  });

  it("gives them back within a minute of the end of the window once the load is gone, and takes none again", async () => {
    const before = shop.replicas.length - 1;
    await load.is(few);
    await shop.has((replicas) => replicas === 1, (windowSeconds + 60) * 1_000);
    await pause(windowSeconds * 1_000);
    const since = shop.replicas.slice(before);
    expect(since).toEqual(since.toSorted((one, other) => other - one));
    expect(since.at(-1)).toBe(1);
  });

  it("is left as it is while Prometheus is away, though load comes, and is served when it is back", async () => {
    await scraper.end();
    await verdict("Unknown");
    const [replicas, done] = [shop.replicas.length, await executions()];
    await load.is(many);
    await pause(15_000);
    await verdict("Unknown");
    expect([shop.replicas.length, await executions()]).toEqual([replicas, done]);
    await scraper.begin();
    await shop.has((count) => count >= 5, 60_000);
    await verdict("Fulfilled", 60_000);
  });
});
