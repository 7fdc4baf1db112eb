// Decides among 1,000 pending applications, and follows 10,000 in a process of its own.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { percentile, publishBench } from "@walras/kit/bench";
import { bundleProgram } from "@walras/kit/bundle";
import { execa } from "execa";

import { readReleaseConfig } from "../src/parts/carla/config/index.ts";
import { decide } from "../src/parts/carla/decide/decide.ts";
import { type AppSnapshot, type ReleaseSnapshot, unknownApp } from "../src/parts/carla/decide/snapshot.ts";
import { serveApplications } from "./fakeApplications.ts";

const pendingCount = 1_000;
const watchedCount = 10_000;
const warmUp = 20;
const runs = 200;
const settleSeconds = 40;
const budgets = { decideMs: 20, rssMiB: 150 };

const pending: AppSnapshot = {
  ...unknownApp,
  sync: "OutOfSync",
  health: "Healthy",
  revision: "r2",
  change: { changedFields: 12, objects: 2, kinds: ["Deployment"] },
  expectedMs: 22_000,
};

/** @param parallel two bind by number, fifty by weight */
function decideTimes(parallel: number, rmax: number): { readonly times: number[]; readonly exact: boolean } {
  const apps = Array.from({ length: pendingCount }, (_, index) => {
    const r = 0.5 + ((index * 7919) % 400) / 100;
    return `  - {name: app-${index}, r_i: ${r}, d_i: ${index % 6}, risk: ${index % 3 === 0 ? 1 : 0}}`;
  });
  const texts: Readonly<Record<string, string>> = {
    "policy.yaml": `tick: {max_parallel_triggers: ${parallel}}\nresources: {Rmax: ${rmax}}\n`,
    "apps.yaml": `apps:\n${apps.join("\n")}\n`,
  };
  const config = readReleaseConfig(
    { policyFile: "policy.yaml", appsFile: "apps.yaml" },
    { readText: (file) => texts[file] ?? "", requireArgo: false, today: "2026-03-29" },
  );
  const snapshot: ReleaseSnapshot = {
    nowMs: Date.parse("2026-03-29T02:30:00Z"),
    usage: { cpu: 0.3, memory: 0.4 },
    apps: new Map(config.apps.map(({ name }) => [name, pending])),
    lowHeadroomTicks: 0,
    override: false,
  };
  let exact = true;
  const times = Array.from({ length: warmUp + runs }, () => {
    const startedMs = performance.now();
    exact = decide(config, snapshot).reason === "exact" && exact;
    return performance.now() - startedMs;
  });
  return { times: times.slice(warmUp), exact };
}

interface Followed {
  readonly applications: number;
  readonly rssMiB: number;
  readonly decideMs: number;
}

async function follow(): Promise<Followed> {
  const server = await serveApplications(watchedCount);
  const folder = await mkdtemp(join(tmpdir(), "walras-bench-"));
  const script = await bundleProgram(join(import.meta.dirname, "carlaProcess.ts"), folder);
  const child = execa(
    process.execPath,
    ["--max-old-space-size=96", "--max-semi-space-size=4", script, server.url, String(watchedCount)],
    {
      stderr: "inherit",
      reject: false,
    },
  );
  let last: Followed = { applications: 0, rssMiB: Infinity, decideMs: Infinity };
  let seconds = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    last = JSON.parse(line) as Followed;
    seconds += 1;
    if (seconds >= settleSeconds) break;
  }
  child.kill("SIGTERM");
  await child;
  await server.close();
  await rm(folder, { recursive: true });
  return last;
}

const shapes = [
  { parallel: 2, rmax: 6 },
  { parallel: 50, rmax: 60 },
].map((shape) => ({ ...shape, ...decideTimes(shape.parallel, shape.rmax) }));
const followed = await follow();
const worst = Math.max(...shapes.map(({ times }) => percentile(times, 0.99)));

publishBench(join(import.meta.dirname, "..", "..", ".."), {
  name: "carla",
  command: "pnpm bench carla",
  rows: [
    ...shapes.map(({ parallel, rmax, times, exact }) => ({
      what: `decide: ${pendingCount} pending, ${parallel} in parallel, Rmax ${rmax}`,
      "p50 ms": percentile(times, 0.5).toFixed(2),
      "p99 ms": percentile(times, 0.99).toFixed(2),
      note: exact ? "exact" : "cut short",
    })),
    {
      what: `follow ${followed.applications} Applications, 200 changes a second`,
      "p50 ms": followed.decideMs.toFixed(2),
      "p99 ms": "",
      note: `RSS ${followed.rssMiB.toFixed(0)} MiB; a decision over all of them`,
    },
  ],
  ratios: {
    decideAgainstBudget: worst / budgets.decideMs,
    rssAgainstBudget: followed.rssMiB / budgets.rssMiB,
    notExact: shapes.filter(({ exact }) => !exact).length,
    missing: watchedCount - followed.applications,
  },
});
