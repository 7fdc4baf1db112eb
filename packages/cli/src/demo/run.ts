import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Clock, sleep } from "@walras/kit";
import { SimCluster } from "@walras/sim";

import { scenarioOf } from "../scenario.ts";
import { type PageSource, prepareDashboard } from "./dashboard.ts";
import { MarketReader } from "./market.ts";
import { DemoPrograms } from "./programs.ts";
import { render } from "./screen.ts";
import { summaryText } from "./summary.ts";
import { ThrottleWatch } from "./throttling.ts";

export interface DemoOptions {
  /** A file, or the name of one that comes with the program. */
  readonly scenario: string;
  /** Ends by itself after this long; null: when told to. */
  readonly forMs: number | null;
  /** No pictures, the summary only. */
  readonly headless: boolean;
  /** Of the dashboard. */
  readonly page: PageSource;
  /** Opens the page, if anything does. */
  readonly open: (url: string) => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly out: NodeJS.WriteStream;
}

const frameMs = 500;
const clearScreen = "\u001B[2J\u001B[H";
const home = "\u001B[H\u001B[J";
const defaultRows = 40;

/** The embedded cluster with the real programs on it, until the time is over or somebody stops it. */
export async function runDemo(options: DemoOptions): Promise<void> {
  const { clock, out } = options;
  const folder = mkdtempSync(join(tmpdir(), "walras-demo-"));
  const programs = new DemoPrograms(folder, clock);
  const faults = {
    killAgent: (node: string) => programs.kill(`agent-${node}`),
    killController: () => programs.kill("controller"),
  };
  const cluster = new SimCluster({
    scenario: scenarioOf(options.scenario),
    clock,
    directory: folder,
    programs: faults,
  });
  try {
    const [dashboard] = await Promise.all([prepareDashboard(folder, options.page), cluster.start()]);
    const ports = await programs.startController(cluster.kubeconfigPath ?? "", dashboard?.flags);
    const { agentPort, opsPort } = ports;
    const url = dashboard?.urlAt(ports.dashboardPort ?? 0);
    if (url !== undefined) {
      out.write(`dashboard: ${url}\n`);
      options.open(url);
    }
    for (const node of cluster.nodes) await programs.startAgent(node, agentPort);
    const market = new MarketReader(opsPort);
    const kubectl = `kubectl --kubeconfig ${cluster.kubeconfigPath ?? ""} get podallocations -A`;
    await watch(cluster, market, url === undefined ? [kubectl] : [url, kubectl], options);
    out.write(
      `${options.headless ? "" : clearScreen}${summaryText(cluster.summary(), (await market.read()).resizesSent)}`,
    );
  } finally {
    await programs.stop();
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function watch(
  cluster: SimCluster,
  reader: MarketReader,
  hints: readonly string[],
  options: DemoOptions,
): Promise<void> {
  const { clock, signal, forMs, headless, out } = options;
  const untilMs = forMs === null ? Infinity : clock.monotonicMs() + forMs;
  const throttling = new ThrottleWatch();
  if (!headless) out.write(clearScreen);
  while (!signal.aborted && clock.monotonicMs() < untilMs) {
    await sleep(clock, Math.min(frameMs, untilMs - clock.monotonicMs()), signal);
    if (headless) continue;
    const truth = cluster.truth();
    const state = {
      truth,
      market: await reader.read(),
      summary: cluster.summary(),
      throttled: throttling.look(truth),
      hints,
    };
    out.write(`${home}${render(state, out.rows ?? defaultRows)}\n`);
  }
}
