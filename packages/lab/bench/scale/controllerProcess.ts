import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { sleep, systemClock } from "@walras/kit";
import { bundleProgram } from "@walras/kit/bundle";
import { flagsWithin, imageFlags, metricSum } from "@walras/kit/testing";
import { writeKubeconfig } from "@walras/sim";

const main = join(import.meta.dirname, "..", "..", "..", "controller", "src", "main.ts");
const mebibyte = 2 ** 20;
const scrapeMs = 1_000;

/** What it used since the last look. */
export interface Usage {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly rssMiB: number;
  readonly writes: number;
  /** Rounds that were not left out because nothing had moved. */
  readonly rounds: number;
  /** The event loop's p99 delay of each second, in milliseconds. */
  readonly stallsMs: readonly number[];
}

/** The controller as its image runs it, watched by its own metrics. */
export class ControllerProcess {
  readonly agentPort: number;
  readonly #child: ChildProcess;
  readonly #metricsUrl: string;
  readonly #folder: string;
  #stallsMs: number[] = [];
  #mark = { atMs: systemClock.monotonicMs(), cpuSeconds: 0, writes: 0, rounds: 0 };
  #now = { rssMiB: 0, cpuSeconds: 0, writes: 0, rounds: 0 };

  private constructor(child: ChildProcess, ports: { agentPort: number; opsPort: number }, folder: string) {
    this.#child = child;
    this.agentPort = ports.agentPort;
    this.#metricsUrl = `http://127.0.0.1:${ports.opsPort}/metrics`;
    this.#folder = folder;
  }

  /** @param memoryMib what its container would have */
  static async start(apiUrl: string, memoryMib: number): Promise<ControllerProcess> {
    const folder = mkdtempSync(join(tmpdir(), "walras-scale-"));
    const kubeconfig = join(folder, "kubeconfig");
    writeKubeconfig(kubeconfig, apiUrl);
    const flags = [
      "--mode=full",
      "--agent-address=127.0.0.1:0",
      "--agent-auth=none",
      "--ops-host=127.0.0.1",
      "--ops-port=0",
      // All pods are new at once, and each is written down.
      "--writes-per-second=1000",
      "--write-burst=2000",
    ];
    const child = spawn(
      process.execPath,
      [
        ...flagsWithin(memoryMib, imageFlags("Dockerfile.controller")),
        await bundleProgram(main, folder),
        `--kubeconfig=${kubeconfig}`,
        ...flags,
      ],
      {
        stdio: ["ignore", "ignore", "pipe"],
      },
    );
    return new ControllerProcess(child, await startedPorts(child), folder);
  }

  /** Scrapes it each second for so long. */
  async watch(forMs: number): Promise<void> {
    const untilMs = systemClock.monotonicMs() + forMs;
    while (systemClock.monotonicMs() < untilMs) {
      await sleep(systemClock, scrapeMs);
      await this.#scrape();
    }
  }

  takeUsage(): Usage {
    const nowMs = systemClock.monotonicMs();
    const usage = {
      seconds: (nowMs - this.#mark.atMs) / 1000,
      cpuSeconds: this.#now.cpuSeconds - this.#mark.cpuSeconds,
      rssMiB: this.#now.rssMiB,
      writes: this.#now.writes - this.#mark.writes,
      rounds: this.#now.rounds - this.#mark.rounds,
      stallsMs: this.#stallsMs,
    };
    this.#mark = { ...this.#now, atMs: nowMs };
    this.#stallsMs = [];
    return usage;
  }

  async stop(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode === null && signalCode === null) {
      const ended = new Promise((resolve) => this.#child.once("exit", resolve));
      this.#child.kill("SIGKILL");
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #scrape(): Promise<void> {
    const text = await (await fetch(this.#metricsUrl)).text();
    const sum = (name: string, labels?: string): number => metricSum(text, name, labels);
    this.#stallsMs.push(sum("walras_event_loop_delay_p99_seconds") * 1000);
    this.#now = {
      rssMiB: Math.max(this.#now.rssMiB, sum("walras_resident_memory_bytes") / mebibyte),
      cpuSeconds: sum("walras_cpu_seconds"),
      writes: sum("walras_writes_total"),
      rounds: sum("walras_rounds_total") - sum("walras_rounds_total", '[^}]*mode="unchanged"[^}]*'),
    };
  }
}

async function startedPorts(child: ChildProcess): Promise<{ agentPort: number; opsPort: number }> {
  if (!child.stderr) throw new Error("the controller has no standard error");
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`the controller ended with ${code}`)));
    createInterface({ input: child.stderr ?? process.stdin }).on("line", (line) => {
      if (line.includes('"controller started"')) resolve(JSON.parse(line) as { agentPort: number; opsPort: number });
    });
  });
}
