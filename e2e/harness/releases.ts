import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { readConfig } from "@walras/controller/config";
import { wire } from "@walras/controller/wire";
import { type Clock, Lifecycle, silentLogger, systemRng } from "@walras/kit";
import { stringify } from "yaml";

import type { Programs } from "./programs.ts";

/** What /carla shows, as far as tests look at it. */
export interface CarlaView {
  readonly decision: {
    readonly selected: readonly string[];
    readonly held: Readonly<Record<string, { readonly reason: string; readonly detail: string }>>;
    readonly headroom: number | null;
  } | null;
  readonly inFlight: readonly { readonly app: string; readonly phase: string }[];
  readonly usage: { readonly source: string | null };
  readonly configError: string | null;
}

/** One line of the journal of releases. */
export interface JournalLine {
  readonly event: string;
  readonly app: string;
  readonly revisions?: readonly string[];
  readonly reason?: string;
  readonly approvedBy?: string | null;
}

/** The market and CARLA in this process, on a clock of the test's. */
export class ReleaseController {
  readonly #programs: Programs;
  readonly #clock: Clock;
  #parts: Lifecycle | undefined;
  agentPort = 0;
  #opsPort = 0;

  constructor(programs: Programs, clock: Clock) {
    this.#programs = programs;
    this.#clock = clock;
  }

  get #data(): string {
    return join(this.#programs.folder, "data");
  }

  /** Writes both configuration files. */
  async configure(policy: object, apps: object): Promise<void> {
    const logging = {
      decisions_csv: join(this.#data, "decisions.csv"),
      rollouts_csv: join(this.#data, "rollouts.csv"),
    };
    await writeFile(join(this.#programs.folder, "carla_policy.yaml"), stringify({ ...policy, logging }));
    await writeFile(join(this.#programs.folder, "apps.yaml"), stringify(apps));
  }

  async start(): Promise<void> {
    const { folder } = this.#programs;
    const flags = [
      "--parts=market,carla",
      "--mode=recommend",
      `--kubeconfig=${this.#programs.controllerKubeconfig}`,
      `--agent-address=127.0.0.1:${this.agentPort}`,
      `--tls-cert=${join(folder, "tls.crt")}`,
      `--tls-key=${join(folder, "tls.key")}`,
      "--ops-host=127.0.0.1",
      "--ops-port=0",
      "--lease-name=walras-e2e-carla",
      `--carla-policy=${join(folder, "carla_policy.yaml")}`,
      `--carla-apps=${join(folder, "apps.yaml")}`,
    ];
    const controller = await wire(readConfig(flags, {}), {
      clock: this.#clock,
      rng: systemRng,
      logger: silentLogger,
      onLost: () => undefined,
    });
    this.#parts = new Lifecycle(controller.runnables, silentLogger);
    await this.#parts.start();
    this.agentPort = controller.agentPort();
    this.#opsPort = controller.opsPort();
  }

  async stop(): Promise<void> {
    await this.#parts?.stop();
    this.#parts = undefined;
  }

  async view(): Promise<CarlaView> {
    return (await (await fetch(`http://127.0.0.1:${this.#opsPort}/carla`)).json()) as CarlaView;
  }

  async metrics(): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.#opsPort}/metrics`)).text();
  }

  async journal(): Promise<readonly JournalLine[]> {
    const text = await readFile(join(this.#data, "releases.jsonl"), "utf8").catch(() => "");
    return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as JournalLine]));
  }

  /** Rows of a CSV file, header first. */
  async rows(file: "decisions.csv" | "rollouts.csv"): Promise<readonly string[]> {
    return (await readFile(join(this.#data, file), "utf8").catch(() => "")).trim().split("\n");
  }
}
