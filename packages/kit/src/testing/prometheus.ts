import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

import { freePort } from "./ports.ts";

const command = [process.env["WALRAS_PROMETHEUS"] ?? "", "prometheus", "/usr/bin/prometheus"].find(
  (path) => path !== "" && !spawnSync(path, ["--version"]).error,
);
const startsWithinMs = 30_000;

/**
 * A real Prometheus of its own that scrapes each second what it is told to; Debian's package, or where
 * WALRAS_PROMETHEUS says.
 */
export class Prometheus {
  static readonly installed = command !== undefined;

  readonly url: string;
  readonly #port: number;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(): Promise<Prometheus> {
    const prometheus = new Prometheus(await mkdtemp(join(tmpdir(), "prometheus-")), await freePort());
    await writeFile(join(prometheus.#folder, "prometheus.yml"), JSON.stringify(prometheus.#config()));
    await prometheus.begin();
    return prometheus;
  }

  /** @throws Error where it does not come up */
  async begin(): Promise<void> {
    const flags = [
      `--config.file=${join(this.#folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(this.#folder, "data")}`,
      `--web.listen-address=127.0.0.1:${this.#port}`,
    ];
    this.#process = spawn(command ?? "", flags, { stdio: "ignore" });
    const untilMs = performance.now() + startsWithinMs;
    while (!(await this.#isReady())) {
      if (performance.now() > untilMs) throw new Error(`${command} does not serve ${this.url}`);
      await setTimeout(100);
    }
  }

  /** @param addresses `host:port`s from now on */
  async scrape(addresses: readonly string[]): Promise<void> {
    const file = join(this.#folder, "targets.json");
    await writeFile(`${file}.new`, JSON.stringify([{ targets: addresses }]));
    await rename(`${file}.new`, file);
  }

  /** As it is ended in a cluster: it can be begun again with what it knows. */
  async end(): Promise<void> {
    if (this.#process === undefined) return;
    const exit = once(this.#process, "exit");
    this.#process.kill();
    await exit;
    this.#process = undefined;
  }

  async remove(): Promise<void> {
    await this.end();
    await rm(this.#folder, { recursive: true });
  }

  async #isReady(): Promise<boolean> {
    return fetch(`${this.url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  /** Debian's build does not discover pods by itself. */
  #config(): object {
    return {
      global: { scrape_interval: "1s", scrape_timeout: "1s" },
      scrape_configs: [{ job_name: "app", file_sd_configs: [{ files: [join(this.#folder, "targets.json")] }] }],
    };
  }
}
