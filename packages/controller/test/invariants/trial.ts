import { type Rng, seededRng, VirtualClock } from "@walras/kit";
import { scenarioSchema, SimCluster } from "@walras/sim";

import { agentsOf } from "./agents.ts";
import { Bounded } from "./bounded.ts";
import { Checker } from "./checker.ts";
import { Churn } from "./churn.ts";
import { Faults, type Mix } from "./faults.ts";
import { namespaces, type Template, template } from "./pods.ts";
import { ControllerProcess } from "./process.ts";

export interface TrialOptions {
  readonly latencyMs: number;
  readonly minutes: number;
  readonly mix: Mix;
  readonly seed: number;
  readonly nodes?: number;
  readonly pods?: number;
  readonly churnPerMinute?: number;
  /** Which pods there are; every kind of them where not given. */
  readonly draw?: (rng: Rng) => Template;
  readonly flags?: readonly string[];
}

/** What was seen of a trial. */
export interface Outcome {
  readonly writes: number;
  readonly resizes: number;
  readonly refused: number;
  readonly overtaken: number;
  /** Pods that their node had no room for when they came. */
  readonly turnedAway: number;
  readonly checks: number;
  readonly churned: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
  readonly leaders: number;
  /** Each with how often it was seen. */
  readonly violations: ReadonlyMap<string, number>;
}

/** Two controllers and an agent a node, on a cluster that changes and fails, on a clock moved by hand. */
export class Trial {
  readonly clock = new VirtualClock();
  readonly cluster: SimCluster;
  readonly checker: Checker;
  readonly processes: ControllerProcess[] = [];
  readonly #options: TrialOptions;
  readonly #churn: Churn;
  readonly #faults: Faults;
  readonly #bounded: Bounded;
  readonly #agents: ReturnType<typeof agentsOf>;
  readonly #usedUpMs = new Map<string, number>();
  readonly #loads = new Map<string, { readonly usedUsec: number; readonly uptimeUsec: number }>();
  #lives = 0;

  constructor(options: TrialOptions) {
    const { seed, latencyMs, nodes = 8, pods = 110, churnPerMinute = 200, draw = template } = options;
    this.#options = options;
    const scenario = { name: "invariants", seed, namespaces, nodes: [{ name: "n", count: nodes - 1 }, pinned] };
    this.cluster = new SimCluster({ scenario: scenarioSchema.parse(scenario), clock: this.clock, stepMs: 500 });
    const { clock, cluster } = this;
    this.#agents = agentsOf(cluster, clock, seededRng(seed + 1), () => this.processes);
    const nowMs = (): number => clock.monotonicMs();
    this.checker = new Checker(cluster.api, {
      nowMs,
      latencyMs,
      usedUpMs: (node) => this.#usedUpMs.get(node) ?? -Infinity,
      deafUntilMs: () => this.#faults.deafUntilMs,
      standsStill: () => this.#faults.standsStill,
      silentSinceMs: (node) => this.#faults.silentSinceMs(node),
    });
    this.#churn = new Churn({ cluster, clock, rng: seededRng(seed + 2), perMinute: churnPerMinute, pods, draw });
    this.#faults = new Faults(options.mix, {
      cluster,
      clock,
      rng: seededRng(seed + 3),
      latencyMs,
      processes: this.processes,
      wires: new Map([...this.#agents].map(([name, { wire }]) => [name, wire])),
    });
    const idleForSeconds = (node: string): number => (nowMs() - (this.#usedUpMs.get(node) ?? -Infinity)) / 1000;
    const quiet = {
      idleForSeconds,
      isCalm: () => this.#faults.isCalm(),
      isBounded: (name: string) => name === "team",
    };
    this.#bounded = new Bounded(this.checker, quiet, latencyMs);
  }

  async run(): Promise<Outcome> {
    await this.start();
    for (let second = 0; second < this.#options.minutes * 60; second += 1) await this.second();
    return this.end();
  }

  async second(): Promise<void> {
    await this.clock.advance(1_000);
    this.#noteUse();
    this.#bounded.second(this.cluster.nodes.map(({ facts }) => facts.name));
    this.#replace();
  }

  /** Which nodes had less than a fifth idle in this second: rations go on there. */
  #noteUse(): void {
    for (const { facts, machine } of this.cluster.nodes) {
      const { usedUsec, uptimeUsec, cores } = machine.load;
      const before = this.#loads.get(facts.name) ?? { usedUsec: 0, uptimeUsec: 0 };
      const share = (usedUsec - before.usedUsec) / ((uptimeUsec - before.uptimeUsec) * cores);
      if (share > 0.8) this.#usedUpMs.set(facts.name, this.clock.monotonicMs());
      this.#loads.set(facts.name, { usedUsec, uptimeUsec });
    }
  }

  /** Who has ended is started anew, as by a Deployment. */
  #replace(): void {
    for (const process of this.processes.filter(({ dead }) => dead)) {
      this.processes.splice(this.processes.indexOf(process), 1);
      this.begin();
    }
  }

  /** A new controller, which knows nothing. */
  begin(): void {
    this.#lives += 1;
    const process = new ControllerProcess({
      identity: `controller-${this.#lives}`,
      clock: this.clock,
      rng: seededRng(this.#options.seed + 100 + this.#lives),
      transport: this.cluster.transport("walras-controller"),
      watch: this.checker,
      flags: this.#options.flags ?? [],
    });
    this.processes.push(process);
    void process.start();
  }

  async start(): Promise<void> {
    await this.cluster.start();
    await this.#faults.bound();
    await this.#churn.fill();
    this.cluster.api.faults.setLatencyMs(this.#options.latencyMs);
    this.begin();
    this.begin();
    for (const { agent } of this.#agents.values()) agent.start();
    this.#churn.start();
    this.#faults.start();
  }

  async end(): Promise<Outcome> {
    this.#churn.stop();
    this.#faults.stop();
    for (const { agent } of this.#agents.values()) agent.stop();
    for (const process of this.processes) process.kill();
    await this.cluster.stop();
    const { writes, resizes, refused, overtaken, turnedAway, checks, violations } = this.checker;
    const { counts: faults } = this.#faults;
    const seen = { writes, resizes, refused, overtaken, turnedAway, checks, violations };
    return { ...seen, churned: this.#churn.counts, faults, leaders: this.checker.epochs };
  }
}

/** Its Guaranteed pods cannot be resized: the kubelet calls that Infeasible. */
const pinned = { name: "pinned", staticCpuManager: true };
