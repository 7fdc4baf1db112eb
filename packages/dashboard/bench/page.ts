// The page in a real browser: the size of its script, how soon 500 nodes are there, and frames while 5,000 nodes and
// 150,000 pods that change each second are walked through by keyboard.
// usage: page.ts
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";

import { DeltaWriter } from "@walras/api";
import { RecordedCluster } from "@walras/api/dashboard/testing";
import { type BenchRow, percentile, publishBench } from "@walras/kit/bench";
import { sleep, systemClock } from "@walras/kit/clock";
import type { Page } from "playwright-core";

import { buildDashboard } from "../src/build.ts";
import { openTab, startBrowser } from "../src/testing/browser.ts";
import { FixtureServer } from "../src/testing/server.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const goal = { scriptBytes: 100_000, paintMs: 1_000, frameMs: 50, liveBytes: 50_000 };
/** Keys, a space between two. */
const rounds = [
  "l l l l j j j j j k k h l s j j l s s",
  "t j j j PageDown PageDown j G g t",
  "/ n o d e - 0 0 0 1 2 Enter j Escape",
  "/ p r i c e > 2 Enter l l Escape",
  "Enter j j j Enter j Escape Escape",
  "2 j j 3 l l j 4 j j 5 j Enter Escape 1",
];

const loads = 9;
const browseSeconds = 40;

const folder = await mkdtemp(join(tmpdir(), "walras-page-bench-"));
await buildDashboard(folder);
const script = await scriptBytes(folder);
const server = await FixtureServer.start(folder);
const browser = await startBrowser();
try {
  const paints = await firstPaints();
  const browsed = await browse();
  publish(paints, browsed);
} finally {
  await browser.close();
  await server.stop();
  await rm(folder, { recursive: true });
}

/** As it crosses the network. */
async function scriptBytes(page: string): Promise<{ readonly brotli: number; readonly gzip: number }> {
  const files = (await readdir(join(page, "assets"))).filter((file) => file.endsWith(".js"));
  const texts = await Promise.all(files.map((file) => readFile(join(page, "assets", file))));
  const sum = (bytes: (text: Buffer) => number): number => texts.reduce((total, text) => total + bytes(text), 0);
  return { brotli: sum((text) => brotliCompressSync(text).length), gzip: sum((text) => gzipSync(text).length) };
}

/** From the navigation to the frame that shows strip and nodes, each time in a browser that knows nothing of the page. */
async function firstPaints(): Promise<readonly number[]> {
  server.summary = new RecordedCluster({ nodes: 500, pods: 15_000, seed: 1 }).summary();
  const paints: number[] = [];
  for (let load = 0; load < loads; load += 1) {
    const { page } = await openTab(browser, server.url, { isFixed: false });
    await page.locator(".strip").waitFor();
    await page.locator("canvas").waitFor();
    paints.push(await page.evaluate(() => performance.getEntriesByName("walras:shown")[0]?.startTime ?? Infinity));
    await page.context().close();
  }
  return paints;
}

interface Browsed {
  readonly keys: number;
  readonly longFrames: readonly number[];
  readonly slowestFrameMs: number;
  readonly liveBytesPerSecond: number;
  readonly allBytesPerSecond: number;
}

/** Walks through everything while the cluster moves. */
async function browse(): Promise<Browsed> {
  const cluster = new RecordedCluster();
  const writer = new DeltaWriter(cluster.summary());
  server.summary = writer.whole();
  const { page } = await openTab(browser, server.url, { isFixed: false });
  await page.locator("canvas").waitFor();
  await sleep(systemClock, 1_500);
  await page.evaluate(watchFrames);
  server.told = 0;
  server.sent = 0;
  const beganMs = performance.now();
  const stop = new AbortController();
  const moving = move(cluster, writer, stop.signal);
  const keys = await walk(page, beganMs + browseSeconds * 1000);
  stop.abort();
  await moving;
  const seconds = (performance.now() - beganMs) / 1000;
  const { longFrames, slowestFrameMs } = await page.evaluate(() => (globalThis as unknown as Watching).framesSeen);
  const all = (server.told + server.sent) / seconds;
  return { keys, longFrames, slowestFrameMs, liveBytesPerSecond: server.told / seconds, allBytesPerSecond: all };
}

async function move(cluster: RecordedCluster, writer: DeltaWriter, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    cluster.step();
    server.tell("summary", writer.next(cluster.summary()));
    await sleep(systemClock, 1_000, signal);
  }
}

interface Watching {
  framesSeen: { longFrames: number[]; slowestFrameMs: number };
}

/** In the page: the browser tells of frames over 50 ms; how long the others took is between two of them. */
function watchFrames(): void {
  const seen = { longFrames: [] as number[], slowestFrameMs: 0 };
  (globalThis as unknown as Watching).framesSeen = seen;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) seen.longFrames.push(Math.round(duration));
  }).observe({ type: "long-animation-frame" });
  let before = performance.now();
  const frame = (now: number): void => {
    seen.slowestFrameMs = Math.max(seen.slowestFrameMs, now - before);
    before = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

/** What somebody does who looks for something, over and over. @returns how many keys that were */
async function walk(page: Page, untilMs: number): Promise<number> {
  const round = rounds.flatMap((keys) => keys.split(" "));
  let keys = 0;
  while (performance.now() < untilMs)
    for (const key of round) {
      await page.keyboard.press(key);
      await sleep(systemClock, 60);
      keys += 1;
    }
  return keys;
}

function publish(paints: readonly number[], browsed: Browsed): void {
  const { keys, longFrames, slowestFrameMs, liveBytesPerSecond, allBytesPerSecond } = browsed;
  const paintMs = percentile(paints, 0.5);
  const row = (what: string, measured: number, atMost: number | string = ""): BenchRow => ({
    what,
    measured: Math.round(measured * 10) / 10,
    "at most": atMost,
  });
  publishBench(root, {
    name: "page",
    command: "pnpm bench page",
    rows: [
      row("script, bytes (brotli)", script.brotli, goal.scriptBytes),
      row("script, bytes (gzip)", script.gzip),
      row("500 nodes shown, ms", paintMs, goal.paintMs),
      row(`500 nodes shown, ms, worst of ${loads}`, Math.max(...paints)),
      row("5,000 nodes: keys pressed", keys),
      row("5,000 nodes: frames over 50 ms", longFrames.length, 0),
      row("5,000 nodes: slowest frame, ms", Math.max(slowestFrameMs, ...longFrames)),
      row("5,000 nodes: live, bytes a second", liveBytesPerSecond, goal.liveBytes),
      row("5,000 nodes: with what views ask for", allBytesPerSecond),
    ],
    ratios: {
      scriptAgainstGoal: ratio(script.brotli, goal.scriptBytes),
      firstPaintAgainstGoal: ratio(paintMs, goal.paintMs),
      framesOver50Ms: longFrames.length,
      liveAgainstGoal: ratio(liveBytesPerSecond, goal.liveBytes),
    },
  });
}

function ratio(value: number, most: number): number {
  return Math.round((1000 * value) / most) / 1000;
}
