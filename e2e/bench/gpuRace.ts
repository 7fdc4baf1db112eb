// Replicas of the GPU scheduler and kube-scheduler race for the devices of a hundred nodes, with pods for two and a half times as many.
// What happened is judged by a checker that has seen every write.
import { join } from "node:path";

import { type BenchRow, publishBench } from "@walras/kit/bench";

import { Cluster } from "../harness/cluster.ts";
import { Programs } from "../harness/programs.ts";
import { selectProvider } from "../providers/select.ts";
import { devicesOf, type Size } from "./gpuRace/bed.ts";
import { installScheduler, race, type RaceResult } from "./gpuRace/race.ts";

const root = join(import.meta.dirname, "..", "..");
const size: Size = { nodes: 100, pods: 2_000 };
const withinMs = 420_000;

function rowsOf(result: RaceResult): BenchRow[] {
  const row = (what: string, measured: number | string): BenchRow => ({ what, measured });
  return [
    row("nodes", size.nodes),
    row("devices", devicesOf(size)),
    row("pods", size.pods),
    row("in use by two pods, at any moment", result.inUseTwice.length),
    row("bound without their claims", result.unserved.length),
    row("allocated twice at the end", result.twiceAtEnd.length),
    row("allocated twice and taken back before a binding", result.overlaps),
    ...Object.entries(result.bound).map(([scheduler, count]) => row(`bound at the end by ${scheduler}`, count)),
    row("until every device was in use, s", (result.tookMs / 1000).toFixed(1)),
  ];
}

const provider = selectProvider({ ...process.env, WALRAS_E2E_PROVIDER: "testbed" });
const cluster = await Cluster.of(await provider.up());
const programs = new Programs(cluster, "gpu-race");
const namespace = `gpu-race-${process.pid}`;
try {
  await cluster.install();
  await installScheduler(cluster);
  await cluster.createNamespace(namespace);
  await programs.prepare();
  const result = await race({ cluster, programs, namespace, size, withinMs });
  for (const line of [...result.inUseTwice, ...result.unserved]) console.log(line);
  publishBench(root, {
    name: "gpu-race",
    command: "pnpm bench gpu-race",
    rows: rowsOf(result),
    ratios: {
      inUseTwice: result.inUseTwice.length,
      unserved: result.unserved.length,
      twiceAtEnd: result.twiceAtEnd.length,
      unused: devicesOf(size) - result.allocatedAtEnd,
    },
  });
} finally {
  await programs.stopAll();
  await cluster.deleteNamespace(namespace);
  await cluster.transport.close();
}
