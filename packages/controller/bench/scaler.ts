// 1,000 triggers polled at 200 calls a second, as KEDA does, while the market works in the same process.
import { join } from "node:path";
import { createInterface } from "node:readline";

import { credentials } from "@grpc/grpc-js";
import { percentile, publishBench } from "@walras/kit/bench";
import { ExternalScalerClient } from "@walras/proto/externalscaler";
import { execa } from "execa";

const triggers = 1_000;
const callsPerSecond = 200;
const seconds = 30;
const warmUpSeconds = 5;
const budgetMs = 5;

const child = execa(process.execPath, [join(import.meta.dirname, "scalerProcess.ts")], {
  stderr: "inherit",
  reject: false,
});
const [line] = await new Promise<[string]>((resolve) => {
  createInterface({ input: child.stdout }).once("line", (text) => resolve([text]));
});
const { port } = JSON.parse(line) as { port: number };
const client = new ExternalScalerClient(`127.0.0.1:${port}`, credentials.createInsecure());
const took: number[] = [];
let failed = 0;

/** One of the three calls of a poll, in KEDA's order. */
function call(number: number, done: (error: unknown) => void): void {
  const ref = { name: `job-${Math.floor(number / 3) % triggers}`, namespace: "posture", scalerMetadata: {} };
  if (number % 3 === 0) client.getMetricSpec(ref, done);
  else if (number % 3 === 1) client.getMetrics({ scaledObjectRef: ref, metricName: "available_node_count_30s" }, done);
  else client.isActive(ref, done);
}

const total = callsPerSecond * seconds;
await new Promise<void>((resolve) => {
  let sent = 0;
  let answered = 0;
  const timer = setInterval(() => {
    if (sent >= total) return clearInterval(timer);
    const startedMs = performance.now();
    const isMeasured = sent >= callsPerSecond * warmUpSeconds;
    call((sent += 1), (error) => {
      if (isMeasured) took.push(performance.now() - startedMs);
      if (error !== null) failed += 1;
      if ((answered += 1) === total) resolve();
    });
  }, 1000 / callsPerSecond);
});
client.close();
child.kill("SIGTERM");
await child;

publishBench(join(import.meta.dirname, "..", "..", ".."), {
  name: "scaler",
  command: "pnpm bench scaler",
  rows: [
    {
      what: `${triggers} triggers, ${callsPerSecond} calls a second, the market beside it`,
      "p50 ms": percentile(took, 0.5).toFixed(2),
      "p99 ms": percentile(took, 0.99).toFixed(2),
      "max ms": Math.max(...took).toFixed(2),
      failed,
    },
  ],
  ratios: { p99AgainstBudget: percentile(took, 0.99) / budgetMs, failed },
});
