import type { ReleaseConfig, Usage } from "@walras/controller/carla";

import { AppState } from "./appState.ts";
import type { Arrival } from "./arrivals.ts";
import { exponential, rngFor } from "./draws.ts";
import { type Fate, fateOf, riskOf } from "./failures.ts";
import type { LoadCurve } from "./load.ts";
import type { ReleaseRecord, WaitRecord } from "./records.ts";
import type { LabApp } from "./rule.ts";
import type { Week } from "./week.ts";

/** All that a week is made of; the same for every rule. */
export interface Scene {
  readonly week: Week;
  readonly config: ReleaseConfig;
  /** In the order they come. */
  readonly arrivals: readonly Arrival[];
  readonly load: LoadCurve;
  /** r that would fill the cluster's CPU. */
  readonly capacity: number;
  readonly seed: number;
}

/** About eight times the Rmax that CARLA shipped with. */
export const clusterCapacity = 48;

interface Flight {
  readonly app: AppState;
  readonly fate: Fate;
  readonly startMs: number;
  operated: boolean;
}

interface Happening {
  readonly atMs: number;
  readonly happen: () => void;
}

/** Long enough to find out and to put it right by hand. */
const meanRepairMs = 2 * 3_600_000;
/** A surge takes this much less of the memory than of the CPU. */
const memoryShare = 0.5;

/** The cluster, its applications and what is pushed to them. Time moves by `advance` only. */
export class World {
  readonly #scene: Scene;
  readonly #apps: readonly AppState[];
  readonly #byName: ReadonlyMap<string, AppState>;
  #nowMs: number;
  #arrived = 0;
  #flights: readonly Flight[] = [];

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#nowMs = scene.week.startMs;
    this.#apps = scene.config.apps.map((policy, index) => new AppState(policy, index, () => this.#nowMs));
    this.#byName = new Map(this.#apps.map((app) => [app.policy.name, app]));
  }

  get apps(): readonly LabApp[] {
    return this.#apps;
  }

  get releases(): readonly ReleaseRecord[] {
    return this.#apps.flatMap(({ records }) => records).toSorted((one, other) => one.startMs - other.startMs);
  }

  get waits(): readonly WaitRecord[] {
    return this.#apps.flatMap(({ waits }) => waits);
  }

  /** What monitoring would tell now. */
  usage(): Usage {
    const { cpu, memory } = this.#load(this.#surge());
    return { cpu: Number.isNaN(cpu) ? null : cpu, memory: Number.isNaN(memory) ? null : memory };
  }

  /** Above a watermark of the policy; what nobody knows is taken to be below. */
  isOverloaded(more = 0): boolean {
    const { cpu, memory } = this.#load(this.#surge() + more);
    const { cpuWatermark, memoryWatermark } = this.#scene.config.policy;
    return cpu > cpuWatermark || memory > memoryWatermark;
  }

  /** Lets everything happen that is due by then, in order. */
  advance(untilMs: number): void {
    for (let next = this.#next(); next.atMs <= untilMs; next = this.#next()) {
      this.#nowMs = next.atMs;
      next.happen();
    }
    this.#nowMs = untilMs;
  }

  /** Starts a release, unless there is nothing to release or Argo CD is at work on it. */
  release(name: string): void {
    const app = this.#byName.get(name);
    if (!app?.newest || app.sync !== "OutOfSync" || app.operation?.phase === "Running") return;
    const risk = riskOf(app.policy.risk, app.newest.change);
    const fate = this.#fate(app, risk);
    const startMs = this.#nowMs;
    // A rollout that is overtaken by another is over.
    this.#flights = [...this.#flights.filter((flight) => flight.app !== app), { app, fate, startMs, operated: false }];
    app.begin({
      app: name,
      revision: app.newest.revision,
      startMs,
      endMs: startMs + fate.durationMs,
      ending: fate.ending,
      risk,
      approved: app.approval !== null,
      inOrder: app.policy.dependsOn.every((dependency) => isInPlace(this.#byName.get(dependency))),
      r: app.policy.r,
      recoveredMs: null,
    });
  }

  /** Drawn for the try, not for the moment: two rules that do the same meet the same. */
  #fate(app: AppState, risk: number): Fate {
    const rng = rngFor(this.#scene.seed, 3, app.index, app.newest?.atMs ?? 0, app.attempts);
    const brokenDependency = app.policy.dependsOn.some((name) => this.#byName.get(name)?.health !== "Healthy");
    const { timeoutMs } = this.#scene.config.policy.rollout;
    return fateOf({ risk, overloaded: this.isOverloaded(app.policy.r), brokenDependency, timeoutMs }, rng);
  }

  #surge(): number {
    return this.#flights.reduce((sum, { app }) => sum + app.policy.r, 0);
  }

  #load(surge: number): { readonly cpu: number; readonly memory: number } {
    const { week, load, capacity } = this.#scene;
    const tick = Math.min(week.ticks - 1, Math.floor((this.#nowMs - week.startMs) / week.tickMs));
    const added = surge / capacity;
    return { cpu: (load.cpu[tick] ?? NaN) + added, memory: (load.memory[tick] ?? NaN) + added * memoryShare };
  }

  #next(): Happening {
    const arrival = this.#scene.arrivals[this.#arrived];
    let next: Happening = { atMs: arrival?.atMs ?? Infinity, happen: () => this.#arrive(arrival) };
    for (const flight of this.#flights) {
      const { fate, startMs, operated } = flight;
      const atMs = startMs + (operated ? fate.durationMs : fate.operationMs);
      if (atMs < next.atMs) next = { atMs, happen: () => this.#fly(flight) };
    }
    for (const app of this.#apps) {
      if (app.repairedAtMs < next.atMs) next = { atMs: app.repairedAtMs, happen: () => app.recover(this.#nowMs) };
    }
    return next;
  }

  #arrive(arrival: Arrival | undefined): void {
    this.#arrived += 1;
    if (arrival) this.#apps[arrival.app]?.arrive(arrival);
  }

  #fly(flight: Flight): void {
    const { app, fate } = flight;
    if (!flight.operated) {
      flight.operated = true;
      app.operated(fate.ending, this.#nowMs);
      if (fate.operationMs < fate.durationMs) return;
    }
    this.#flights = this.#flights.filter((other) => other !== flight);
    if (fate.ending === "succeeds") app.recover(this.#nowMs);
    if (fate.ending === "degraded") this.#degrade(app);
  }

  #degrade(app: AppState): void {
    app.health = "Degraded";
    const rng = rngFor(this.#scene.seed, 4, app.index, app.newest?.atMs ?? 0, app.attempts);
    app.repairedAtMs = this.#nowMs + exponential(rng, meanRepairMs);
  }
}

function isInPlace(app: AppState | undefined): boolean {
  return app?.sync === "Synced" && app.health === "Healthy";
}
