import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePort } from "@walras/kit/testing";

import { eventually } from "./wait.ts";

const command = "prometheus";

/** A real Prometheus that scrapes each second what it is told to, where Debian's package prometheus is installed. */
export class Scraper {
  static readonly installed = spawnSync(command, ["--version"]).error === undefined;

  readonly url: string;
  readonly #port: number;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(): Promise<Scraper> {
    const scraper = new Scraper(await mkdtemp(join(tmpdir(), "walras-prometheus-")), await freePort());
    await writeFile(join(scraper.#folder, "prometheus.yml"), JSON.stringify(scraper.#config()));
    await scraper.begin();
    return scraper;
  }

  async begin(): Promise<void> {
    const flags = [
      `--config.file=${join(this.#folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(this.#folder, "data")}`,
      `--web.listen-address=127.0.0.1:${this.#port}`,
    ];
    this.#process = spawn(command, flags, { stdio: "ignore" });
    const ready = (): Promise<boolean> =>
      fetch(`${this.url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    await eventually("Prometheus", ready, (isReady) => isReady);
  }

  /** @param addresses `host:port`s from now on */
  async scrape(addresses: readonly string[]): Promise<void> {
    const file = join(this.#folder, "targets.json");
    await writeFile(`${file}.new`, JSON.stringify([{ targets: addresses }]));
    await rename(`${file}.new`, file);
  }

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

  /** Debian's build does not discover pods by itself. */
  #config(): object {
    return {
      global: { scrape_interval: "1s", scrape_timeout: "1s" },
      scrape_configs: [{ job_name: "pods", file_sd_configs: [{ files: [join(this.#folder, "targets.json")] }] }],
    };
  }
}
