// How long a container that begins to be throttled waits for a new quota in the
// kernel: demand steps on a real node, real agent and controller.
import { join } from "node:path";

import { seededRng } from "@walras/kit";
import { percentile, publishBench } from "@walras/kit/bench";

import { Cluster, type PodView } from "../harness/cluster.ts";
import { KernelContainer } from "../harness/kernel.ts";
import { joinLoad, setCores } from "../harness/load.ts";
import { Programs } from "../harness/programs.ts";
import { pause } from "../harness/wait.ts";
import { selectProvider } from "../providers/select.ts";

const node = "node1";
const steps = 200;
/** Each is 1.6 times the one before, well over the headroom that limits keep. */
const ladder = [0.08, 0.13, 0.2, 0.32, 0.5] as const;
const pollMs = 10;
const patienceMs = 6_000;
/** The load looks once a second for what it should use. */
const fitsAfterMs = 2_500;
/** Fewer throttled periods in all that time are a stumble, not a lack. */
const worthReacting = 3;

const rng = seededRng(7);
const reactionsMs: number[] = [];
let missed = 0;
let fitted = 0;

/** How the kernel and the controller took a rise in demand. */
type StepResult = { readonly kind: "reacted"; readonly tookMs: number } | { readonly kind: "fitted" | "missed" };

/**
 * Raises the demand and measures from the first throttled period to a higher
 * quota. A rise that never throttles fits the headroom: there is nothing to
 * react to.
 */
async function step(cluster: Cluster, pod: PodView, kernel: KernelContainer, cores: number): Promise<StepResult> {
  const before = kernel.read();
  await setCores(cluster, pod, cores);
  const startedMs = performance.now();
  let throttledAtMs: number | null = null;
  let now = before;
  while (performance.now() - startedMs < patienceMs) {
    now = kernel.read();
    if (now.throttled > before.throttled) throttledAtMs ??= now.atMs;
    if (throttledAtMs === null && now.atMs - startedMs > fitsAfterMs) return { kind: "fitted" };
    if (throttledAtMs !== null && (now.quotaMilli ?? 0) > (before.quotaMilli ?? 0)) {
      return { kind: "reacted", tookMs: now.atMs - throttledAtMs };
    }
    await pause(pollMs);
  }
  return { kind: now.throttled - before.throttled < worthReacting ? "fitted" : "missed" };
}

/** One pod after another climbs the ladder until there are steps enough. */
async function climb(cluster: Cluster, namespace: string, worker: number): Promise<void> {
  for (let life = 0; reactionsMs.length + missed < steps; life += 1) {
    const name = `steps-${worker}-${life}`;
    const pod = await joinLoad(cluster, { namespace, name, node, cores: 0.05, request: "20m", limit: "60m" });
    const kernel = new KernelContainer(pod.status?.containerStatuses?.[0]?.containerID ?? "");
    await pause(2_000);
    for (const cores of ladder) {
      const result = await step(cluster, pod, kernel, cores);
      if (result.kind === "reacted") reactionsMs.push(result.tookMs);
      if (result.kind === "missed") missed += 1;
      if (result.kind === "fitted") fitted += 1;
      await pause(500 + 1_000 * rng());
    }
    await cluster.deletePod(namespace, name);
  }
}

const provider = selectProvider({ ...process.env, WALRAS_E2E_PROVIDER: "testbed" });
const cluster = await Cluster.of(await provider.up());
const programs = new Programs(cluster, "reaction");
const namespace = `walras-reaction-${process.pid}`;
try {
  await cluster.install();
  await cluster.createNamespace(namespace);
  await programs.prepare();
  await programs.startMarket(node);
  await Promise.all([0, 1, 2].map((worker) => climb(cluster, namespace, worker)));
  const seconds = (p: number): string => (percentile(reactionsMs, p) / 1000).toFixed(2);
  publishBench(join(import.meta.dirname, "..", ".."), {
    name: "reaction",
    command: "pnpm bench reaction",
    rows: [
      {
        steps: reactionsMs.length,
        missed,
        "p50 s": seconds(0.5),
        "p90 s": seconds(0.9),
        "p99 s": seconds(0.99),
        "max s": seconds(1),
      },
    ],
    ratios: { missed, p99AgainstInterval: percentile(reactionsMs, 0.99) / 1000 },
  });
} finally {
  await programs.stopAll();
  await cluster.deleteNamespace(namespace);
  await cluster.transport.close();
}
