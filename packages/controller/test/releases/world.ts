import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Lifecycle, type Logger, silentLogger, systemClock, systemRng } from "@walras/kit";
import type { KubeTransport } from "@walras/kube";
import { ApiServer, inProcessTransport } from "@walras/sim/apiserver";
import { stringify } from "yaml";

import { readConfig } from "../../src/config.ts";
import { FakeArgo } from "../../src/parts/carla/argocd/testing/fakeArgo.ts";
import type { ReleaseView } from "../../src/parts/carla/explain/view.ts";
import { wire } from "../../src/wire.ts";

/** How long is waited for what takes a few ticks. */
export const within = { timeout: 20_000, interval: 50 };

/** Items of apps.yaml, and what differs from the policy that all have. */
export interface GivenFiles {
  readonly apps: readonly object[];
  readonly policy: (world: World) => object;
}

/** CARLA by itself, with all its parts, as it is shipped: an Argo CD, an API server and a Prometheus that are played. */
export class World {
  readonly argo = new FakeArgo();
  readonly transport: KubeTransport = inProcessTransport(new ApiServer({ clock: systemClock }));
  /** What is logged, a line each. */
  readonly lines: string[] = [];
  readonly #given: GivenFiles;
  readonly #folder = mkdtempSync(join(tmpdir(), "walras-releases-"));
  /** Finds a tenth of everything used. */
  readonly #prometheus = createServer((_, response) => {
    const result = [{ metric: {}, value: [Date.now() / 1000, "0.1"] }];
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ status: "success", data: { resultType: "vector", result } }));
  });
  #parts: Lifecycle | undefined;
  #port = 0;
  #lives = 0;

  constructor(given: GivenFiles) {
    this.#given = given;
  }

  async open(): Promise<void> {
    await this.argo.start();
    await new Promise<void>((resolve) => this.#prometheus.listen(0, "127.0.0.1", resolve));
    await this.transport.send({ method: "POST", path: "/api/v1/namespaces", body: { metadata: { name: "carla" } } });
    await this.begin();
  }

  async close(): Promise<void> {
    await this.#parts?.stop();
    await this.argo.stop();
    this.#prometheus.closeAllConnections();
    this.#prometheus.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get prometheusUrl(): string {
    return `http://127.0.0.1:${(this.#prometheus.address() as AddressInfo).port}`;
  }

  /** A pod with an empty disk. */
  async begin(): Promise<void> {
    await this.#parts?.stop();
    this.#lives += 1;
    this.write("token", this.argo.token);
    this.writePolicy(this.#given.policy(this));
    this.write("apps.yaml", stringify({ apps: this.#given.apps }));
    const files = ["policy", "apps", "override"].map((name) => `--carla-${name}=${join(this.#folder, name)}.yaml`);
    const flags = ["--parts=carla", "--namespace=carla", "--identity=pod", "--ops-host=127.0.0.1", "--ops-port=0"];
    const logger = recorder(this.lines);
    const around = { clock: systemClock, rng: systemRng, logger, onLost: () => undefined };
    const controller = await wire(readConfig([...flags, ...files], {}), { ...around, transport: this.transport });
    this.#parts = new Lifecycle(controller.runnables, logger);
    await this.#parts.start();
    this.#port = controller.opsPort();
  }

  /** Beside what all have: windows that are always open, and no risk but the configured. */
  writePolicy(given: object): void {
    const whole = {
      windows: { allow: [{ day: "DAILY", start: "00:00", end: "24:00" }] },
      risk: { large_diff: 0, sensitive_kind: 0, failure: 0 },
      rollout: { healthy_hold_seconds: 0 },
      argo: { base_url: this.argo.url, token_file: join(this.#folder, "token") },
      logging: { decisions_csv: join(this.#data(), "decisions.csv"), rollouts_csv: join(this.#data(), "rollouts.csv") },
      ...given,
    };
    this.write("policy.yaml", stringify(whole));
  }

  /** One of the files that CARLA reads. @param changedSeconds since 1970; now where not given */
  write(file: string, content: string, changedSeconds?: number): void {
    const path = join(this.#folder, file);
    writeFileSync(path, content);
    if (changedSeconds !== undefined) utimesSync(path, changedSeconds, changedSeconds);
  }

  /** One of the files that CARLA writes. */
  read(file: string): string {
    return readFileSync(join(this.#data(), file), "utf8");
  }

  async view(): Promise<ReleaseView> {
    return (await (await fetch(`http://127.0.0.1:${this.#port}/carla`)).json()) as ReleaseView;
  }

  async reasonOf(name: string): Promise<string | undefined> {
    return (await this.view()).decision?.held[name]?.reason;
  }

  /** How often something has been logged. */
  told(text: string): number {
    return this.lines.filter((line) => line.includes(text)).length;
  }

  #data(): string {
    return join(this.#folder, `life-${this.#lives}`);
  }
}

/** CARLA by itself sets the level of its logger. */
function recorder(lines: string[]): Logger {
  const keep = (level: string) => (fields: object, message: string) =>
    lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const said = { info: keep("INFO"), warn: keep("WARN"), error: keep("ERROR"), child: () => logger };
  const logger = Object.create(silentLogger, { level: { value: "info", writable: true } }) as Logger;
  return Object.assign(logger, said);
}
