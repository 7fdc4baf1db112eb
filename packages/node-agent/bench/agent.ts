// Measures the agent at 110 pods of 2 containers each on real control groups, reporting each second.
// usage (as root, on a machine with cgroup v1): agent.ts [--seconds 60] [--compare]
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, release, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";

import { bundleProgram } from "@walras/kit/bundle";

import { TestController } from "../src/testing/controller.ts";
import { BenchTree, canMakeGroups, type TreeSize } from "./benchTree.ts";
import { CountingProxy } from "./countingProxy.ts";
import { processUse } from "./processMeter.ts";

/**
 * As in the image. The optimizing compilers cost more memory than the little
 * code that runs each second is worth; without the baseline compiler it takes twice the CPU.
 */
const heapFlags = ["--max-old-space-size=32", "--max-semi-space-size=1"];
const imageFlags = [...heapFlags, "--no-opt", "--no-maglev", "--v8-pool-size=1"];
const flagSets: Readonly<Record<string, readonly string[]>> = {
  none: [],
  "small heap": heapFlags,
  image: imageFlags,
  "image, interpreter only": [...imageFlags, "--jitless"],
};
const size: TreeSize = { pods: 110, containersPerPod: 2, loops: 44 };
const warmUpSeconds = 10;
const budget = { cpuPercent: 1, rssMebibytes: 70, sentBytesPerSecond: 3072 };

const root = join(import.meta.dirname, "../../..");

interface Measured {
  readonly flags: string;
  readonly cpuPercent: number;
  readonly rssMebibytes: number;
  readonly forks: number;
  readonly sentBytesPerSecond: number;
  readonly reports: number;
  readonly samplesPerReport: number;
}

function startAgent(program: string, flags: readonly string[], port: number): ChildProcess {
  const args = ["--controller", `127.0.0.1:${port}`, "--insecure", "--node-name", "bench", "--log-level", "warn"];
  const nobody = { uid: 65532, gid: 65532 };
  return spawn(process.execPath, [...flags, program, ...args], { stdio: ["ignore", "inherit", "inherit"], ...nobody });
}

async function measure(program: string, name: string, tree: BenchTree, seconds: number): Promise<Measured> {
  const controller = await new TestController({ intervalMillis: 1000, pods: tree.pods }).start();
  const proxy = new CountingProxy(controller.port);
  const agent = startAgent(program, flagSets[name] ?? [], await proxy.listen());
  try {
    await delay(warmUpSeconds * 1000);
    const before = processUse(agent.pid ?? 0);
    const [sentBefore, reportsBefore] = [proxy.sentBytes, controller.reports.length];
    let mostKibibytes = before.rssKibibytes;
    let children = before.children;
    for (let second = 0; second < seconds; second += 1) {
      await delay(1000);
      const now = processUse(agent.pid ?? 0);
      mostKibibytes = Math.max(mostKibibytes, now.rssKibibytes);
      children = Math.max(children, now.children);
    }
    const after = processUse(agent.pid ?? 0);
    const elapsedMs = after.atMs - before.atMs;
    const reports = controller.reports.slice(reportsBefore);
    const samples = reports.reduce((sum, report) => sum + (report.samples?.handle.length ?? 0), 0);
    return {
      flags: name,
      cpuPercent: rounded(((after.cpuMs - before.cpuMs) / elapsedMs) * 100),
      rssMebibytes: rounded(mostKibibytes / 1024),
      forks: children + (after.childFaults === before.childFaults ? 0 : 1),
      sentBytesPerSecond: Math.round(((proxy.sentBytes - sentBefore) / elapsedMs) * 1000),
      reports: reports.length,
      samplesPerReport: rounded(samples / Math.max(1, reports.length)),
    };
  } finally {
    agent.kill("SIGTERM");
    controller.stop();
    proxy.close();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { seconds: { type: "string", default: "60" }, compare: { type: "boolean" } },
  });
  if (!canMakeGroups()) throw new Error("needs root and cgroup v1");
  const directory = mkdtempSync(join(tmpdir(), "walras-bench-"));
  const tree = new BenchTree(size);
  const results: Measured[] = [];
  try {
    const program = await bundleProgram(join(root, "packages/node-agent/src/main.ts"), directory);
    // It runs as somebody else.
    chmodSync(directory, 0o755);
    tree.create();
    for (const name of values.compare ? Object.keys(flagSets) : ["image"]) {
      results.push(await measure(program, name, tree, Number(values.seconds)));
    }
  } finally {
    await tree.remove();
    rmSync(directory, { recursive: true, force: true });
  }
  console.table(results);
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, kernel: release(), node: process.version };
  mkdirSync(join(root, "bench"), { recursive: true });
  writeFileSync(
    join(root, "bench/agent.json"),
    `${JSON.stringify({ machine, size, budget, results, ratios: ratiosOf(results) }, null, 2)}\n`,
  );
}

/** What the agent of the image uses against its budget. */
function ratiosOf(results: readonly Measured[]): Readonly<Record<string, number>> {
  const image = results.find(({ flags }) => flags === "image");
  if (!image) throw new Error("the image's flags were not measured");
  return {
    cpuAgainstBudget: rounded(image.cpuPercent / budget.cpuPercent),
    rssAgainstBudget: rounded(image.rssMebibytes / budget.rssMebibytes),
    sentAgainstBudget: rounded(image.sentBytesPerSecond / budget.sentBytesPerSecond),
    forks: image.forks,
  };
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

await main();
process.exit(0);
