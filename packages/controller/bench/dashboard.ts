// The dashboard's summary of 5,000 nodes with 150,000 pods: what it costs each second, and how much is sent.
import { join } from "node:path";

import { DeltaWriter } from "@walras/api";
import { RecordedCluster, recordedSize } from "@walras/api/dashboard/testing";
import { seededRng, VirtualClock } from "@walras/kit";
import { percentile, publishBench } from "@walras/kit/bench";

import { marketSummary } from "../src/parts/market/explain/dashboard/summary.ts";
import { madeUpMarket } from "../src/parts/market/explain/dashboard/testing.ts";

const { nodes, pods } = recordedSize;
const seconds = 60;
const bytesPerSecond = 50_000;
/** Of all nodes, those that decide anew in a second. */
const deciding = 0.2;

/** CPU time, which others on the machine do not lengthen as they do the clock's. */
function timed<T>(run: () => T): { readonly ms: number; readonly value: T } {
  const before = process.cpuUsage();
  const value = run();
  const { user, system } = process.cpuUsage(before);
  return { ms: (user + system) / 1000, value };
}

const rng = seededRng(1);
const clock = new VirtualClock();
const market = madeUpMarket({ nodes, podsPerNode: pods / nodes, clock });
const first = timed(() => marketSummary(market.sight, 0.04));
const again: number[] = [];
for (let second = 0; second < seconds; second += 1) {
  for (let node = 0; node < nodes; node += 1) if (rng() < deciding) market.decideAnew(node);
  again.push(timed(() => marketSummary(market.sight, 0.04)).ms);
}

const cluster = new RecordedCluster(recordedSize);
const writer = new DeltaWriter(cluster.summary());
const whole = timed(() => JSON.stringify(writer.whole()));
const deltas = Array.from({ length: seconds }, () => {
  cluster.step();
  const now = cluster.summary();
  return timed(() => JSON.stringify(writer.next(now)));
});
const bytes = deltas.map(({ value }) => value.length);
const rounded = (value: number): number => Math.round(value * 10) / 10;

publishBench(join(import.meta.dirname, "..", "..", ".."), {
  name: "dashboard",
  command: "pnpm bench dashboard",
  rows: [
    { what: "summary, everything new", p50: rounded(first.ms), p99: rounded(first.ms), unit: "ms of CPU" },
    {
      what: "summary, a fifth new",
      p50: rounded(percentile(again, 0.5)),
      p99: rounded(percentile(again, 0.99)),
      unit: "ms of CPU",
    },
    { what: "whole as text", p50: rounded(whole.ms), p99: rounded(whole.ms), unit: "ms of CPU" },
    { what: "whole", p50: whole.value.length, p99: whole.value.length, unit: "bytes" },
    ...[deltas.map(({ ms }) => ms)].map((ms) => ({
      what: "delta as text",
      p50: rounded(percentile(ms, 0.5)),
      p99: rounded(percentile(ms, 0.99)),
      unit: "ms of CPU",
    })),
    { what: "delta, each second", p50: percentile(bytes, 0.5), p99: percentile(bytes, 0.99), unit: "bytes" },
  ],
  ratios: { sentAgainstBudget: Math.round((Math.max(...bytes) / bytesPerSecond) * 1000) / 1000 },
});
