import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePort } from "@walras/kit/testing";

const program = [process.env["WALRAS_PROMETHEUS"] ?? "", "prometheus", "/usr/bin/prometheus"].find(
  (path) => path !== "" && !spawnSync(path, ["--version"]).error,
);

/** A real Prometheus of its own that scrapes one target each second; Debian's package, or where WALRAS_PROMETHEUS says. */
export class RealPrometheus {
  static readonly installed = program !== undefined;

  readonly endpoint: string;
  readonly #folder: string;
  readonly #process: ChildProcess;

  private constructor(port: number, folder: string) {
    this.endpoint = `http://127.0.0.1:${port}/api/v1/query`;
    this.#folder = folder;
    const where = [`--storage.tsdb.path=${join(folder, "data")}`, `--web.listen-address=127.0.0.1:${port}`];
    this.#process = spawn(program ?? "", [`--config.file=${join(folder, "prometheus.yml")}`, ...where], {
      stdio: "ignore",
    });
  }

  /** @param target host and port */
  static async start(target: string): Promise<RealPrometheus> {
    const folder = await mkdtemp(join(tmpdir(), "prometheus-"));
    const job = { job_name: "app", static_configs: [{ targets: [target] }] };
    const config = { global: { scrape_interval: "1s" }, scrape_configs: [job] };
    // JSON is YAML.
    await writeFile(join(folder, "prometheus.yml"), JSON.stringify(config));
    return new RealPrometheus(await freePort(), folder);
  }

  async stop(): Promise<void> {
    const exit = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await exit;
    await rm(this.#folder, { recursive: true, force: true });
  }
}
