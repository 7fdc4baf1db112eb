import { Lifecycle, silentLogger, systemClock, systemRng } from "@walras/kit";
import { scenarioSchema, SimCluster } from "@walras/sim";
import { inProcessTransport } from "@walras/sim/apiserver";

import { readConfig } from "../../src/config.ts";
import { wire } from "../../src/wire.ts";
import { agentOf } from "../agent.ts";
import { Invariants } from "./invariants.ts";
import { type Fate, Mortal } from "./mortal.ts";

const immortal: Fate = { atWrite: Infinity, dies: false };

/** A cluster with one controller after another: when one dies the next begins at once, and knows nothing of it. */
export class Life {
  readonly cluster: SimCluster;
  readonly invariants: Invariants;
  readonly #flags: readonly string[];
  readonly #stops: (() => unknown)[] = [];
  #writes = 0;
  #lives = 0;
  #over = false;
  #mortal: Mortal | undefined;
  #succession: Promise<void> = Promise.resolve();

  private constructor(cluster: SimCluster, flags: readonly string[]) {
    this.cluster = cluster;
    this.#flags = flags;
    this.invariants = new Invariants(cluster.api);
  }

  /** @param prepare before the first controller begins */
  static async begin(
    scenario: object,
    flags: readonly string[],
    fate: Fate = immortal,
    prepare: (cluster: SimCluster, life: Life) => Promise<void> = () => Promise.resolve(),
  ): Promise<Life> {
    const cluster = new SimCluster({ scenario: scenarioSchema.parse(scenario), clock: systemClock });
    await cluster.start();
    const life = new Life(cluster, flags);
    await prepare(cluster, life);
    await life.#live(fate);
    return life;
  }

  /** Writes of all controllers so far. */
  get writes(): number {
    return this.#writes;
  }

  /** Controllers so far. */
  get lives(): number {
    return this.#lives;
  }

  /** The one that lives; undefined between two lives. */
  get mortal(): Mortal | undefined {
    return this.#mortal;
  }

  async end(): Promise<void> {
    this.#over = true;
    this.#mortal?.kill();
    await this.#succession;
    for (const stop of this.#stops.toReversed()) await stop();
    await this.cluster.stop();
  }

  async #live(fate: Fate): Promise<void> {
    this.#lives += 1;
    const mortal = new Mortal(systemClock, inProcessTransport(this.cluster.api), fate);
    this.#mortal = mortal;
    const fixed = ["--agent-auth=none", "--agent-address=127.0.0.1:0", "--ops-host=127.0.0.1", "--ops-port=0"];
    const identity = `--identity=life-${this.#lives}`;
    const controller = await wire(readConfig([...fixed, identity, ...this.#flags], {}), {
      clock: mortal.clock,
      rng: systemRng,
      logger: silentLogger,
      transport: mortal.transport,
      onLost: () => mortal.kill(),
    });
    const lifecycle = new Lifecycle(controller.runnables, silentLogger);
    await lifecycle.start();
    const agents = this.cluster.nodes.map(({ facts }) => agentOf(this.cluster, facts.name, controller.agentPort()));
    for (const agent of agents) agent.start();
    let stopped = false;
    const stop = async (): Promise<void> => {
      if (stopped) return;
      stopped = true;
      this.#mortal = undefined;
      this.#writes += mortal.writes;
      for (const agent of agents) agent.stop();
      mortal.kill();
      // What it would do on its way out reaches nobody; its sockets and promises must go all the same.
      await lifecycle.stop();
    };
    this.#stops.push(stop);
    this.#succession = mortal.death.then(() => this.#succeed(stop));
  }

  /** A Lease runs out in 15 s; here it is taken from the dead. */
  async #succeed(stop: () => Promise<void>): Promise<void> {
    if (this.#over) return;
    await stop();
    this.cluster.api.store.remove("leases.coordination.k8s.io", "walras-system", "walras-controller");
    await this.#live(immortal);
  }
}

/** Runs what must hold for each of `count` fates, so many at a time: most of it is waiting. */
export async function eachFate(count: number, atATime: number, run: (fate: Fate) => Promise<void>): Promise<void> {
  const fates = Array.from({ length: count }, (_, at) =>
    [true, false].map((dies) => ({ atWrite: at + 1, dies })),
  ).flat();
  const worker = async (): Promise<void> => {
    for (let fate = fates.shift(); fate; fate = fates.shift()) await run(fate);
  };
  await Promise.all(Array.from({ length: atATime }, worker));
}
