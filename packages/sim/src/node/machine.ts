import type { Curve } from "../workload/curve.ts";
import type { GroupStep } from "./actuation.ts";
import type { CgroupLayout } from "./cgroupNames.ts";
import type { CpuGroup } from "./cpuGroup.ts";
import { advance } from "./cpuModel.ts";
import { type ContainerTruth, fateOf, type Fates, noFate, plusFate, type Unused } from "./fate.ts";
import type { MachineFiles } from "./machineFiles.ts";
import { type ContainerSetup, PodGroups, type PodPlace, type PodSetup } from "./podGroups.ts";

/** A pod about to run, with what its containers will demand. */
export interface PodRun extends PodSetup {
  readonly namespace: string;
  readonly name: string;
  readonly demand: ReadonlyMap<string, Curve>;
}

/** A container on the node and in the twin; flat, because every step goes through all of them. */
interface Tracked {
  readonly id: string;
  readonly name: string;
  readonly demand: Curve;
  readonly market: CpuGroup;
  readonly twin: CpuGroup;
  readonly unusedMarket: Unused;
  readonly unusedTwin: Unused;
}

interface Running {
  readonly run: PodRun;
  readonly market: PodPlace;
  readonly twin: PodPlace;
  tracked: readonly Tracked[];
}

/** What a simulated machine is made of. */
export interface MachineOptions {
  readonly cores: number;
  readonly allocatableMilli: number;
  readonly layout: CgroupLayout;
  /** Shows the machine as files; none in runs that need none. */
  readonly files?: MachineFiles;
}

/**
 * A node's hardware and kernel: it runs the containers that its kubelet starts.
 * A twin gets the same demand under the settings that pods were created
 * with, which is what would be without resizes.
 */
export class Machine {
  readonly #options: MachineOptions;
  readonly #market: PodGroups;
  readonly #twin: PodGroups;
  readonly #running = new Map<string, Running>();
  #departed: Fates = { market: noFate, static: noFate };
  #nowMs = 0;

  constructor(options: MachineOptions) {
    this.#options = options;
    this.#market = new PodGroups(options.layout, options.allocatableMilli);
    this.#twin = new PodGroups(options.layout, options.allocatableMilli);
    options.files?.show(this.#market);
  }

  /** The groups as they are: what an agent would measure. */
  get groups(): PodGroups {
    return this.#market;
  }

  /** CPU time used by everything, and time passed, since the machine was started. */
  get load(): { usedUsec: number; uptimeUsec: number; cores: number } {
    return { usedUsec: this.#market.root.usedUsec, uptimeUsec: this.#nowMs * 1000, cores: this.#options.cores };
  }

  /** Makes the pod run as described: containers with new ids start anew, others go on. */
  run(run: PodRun): void {
    const known = this.#running.get(run.uid);
    if (!known) {
      this.#begin(run);
      return;
    }
    for (const setup of run.containers) {
      if (known.market.containers.get(setup.name)?.setup.id !== setup.id) this.#restart(known, setup);
    }
  }

  /** Writes one group's settings; a pod that is gone is left alone. */
  resize(uid: string, { container, settings }: GroupStep): void {
    const pod = this.#running.get(uid)?.market;
    const place = container === null ? pod : pod?.containers.get(container);
    if (!place) return;
    this.#market.set(place.group, settings);
    this.#options.files?.settings(place.path);
    this.#showClasses();
  }

  /** A container has ended: its group goes, the others go on. */
  end(uid: string, container: string): void {
    const pod = this.#running.get(uid);
    const place = pod?.market.containers.get(container);
    if (!pod || !place) return;
    for (const one of truthOf(pod)) if (one.container === container) this.#remember(one);
    this.#options.files?.removeContainer(place);
    this.#market.end(pod.market, container);
    this.#twin.end(pod.twin, container);
    pod.tracked = track(pod);
  }

  stop(uid: string): void {
    const pod = this.#running.get(uid);
    if (!pod) return;
    for (const one of truthOf(pod)) this.#remember(one);
    this.#running.delete(uid);
    const place = this.#market.remove(uid);
    this.#twin.remove(uid);
    if (place) this.#options.files?.removePod(place);
    this.#showClasses();
  }

  /**
   * Lets `durationMs` pass, a whole number of CFS periods.
   *
   * @param atMs the time, since the start of the simulation, that demand is taken at
   */
  advance(atMs: number, durationMs: number): void {
    for (const { tracked } of this.#running.values()) for (const one of tracked) setDemand(one, atMs);
    advance(this.#market.root, this.#options.cores, durationMs);
    advance(this.#twin.root, this.#options.cores, durationMs);
    for (const { tracked } of this.#running.values()) for (const one of tracked) countUnused(one, durationMs);
    this.#nowMs += durationMs;
  }

  /** Brings the files up to date. */
  writeFiles(): void {
    this.#options.files?.counters(this.load);
  }

  /** From now on what the files count is not numbers, or is again. */
  setSpoiled(spoiled: boolean): void {
    this.#options.files?.setSpoiled(spoiled);
  }

  /** How those fared, together, that do not run any more. */
  get departed(): Fates {
    return this.#departed;
  }

  /** Every container that runs, as it truly is. */
  truth(): readonly ContainerTruth[] {
    return [...this.#running.values()].flatMap((pod) => truthOf(pod));
  }

  close(): void {
    this.#options.files?.close();
  }

  #begin(run: PodRun): void {
    const market = this.#market.add(run);
    const pod = { run, market, twin: this.#twin.add(run), tracked: [] };
    this.#running.set(run.uid, { ...pod, tracked: track(pod) });
    this.#options.files?.addPod(market);
    this.#showClasses();
  }

  #showClasses(): void {
    for (const path of this.#market.upper.keys()) this.#options.files?.settings(path);
  }

  #remember({ market, static: twin }: Fates): void {
    this.#departed = { market: plusFate(this.#departed.market, market), static: plusFate(this.#departed.static, twin) };
  }

  #restart(pod: Running, setup: ContainerSetup): void {
    const { market, twin } = pod;
    const before = market.containers.get(setup.name);
    const created = twin.containers.get(setup.name)?.setup.settings ?? setup.settings;
    if (before) this.#options.files?.removeContainer(before);
    for (const one of truthOf(pod)) if (one.container === setup.name) this.#remember(one);
    const place = this.#market.start(market, setup);
    this.#twin.start(twin, { ...setup, settings: created });
    pod.tracked = track(pod);
    this.#options.files?.addContainer(place);
  }
}

const noDemand: Curve = () => 0;

/** Containers that go on keep their sums; a restarted one begins anew. */
function track({ run, market, twin, tracked }: Running): readonly Tracked[] {
  const before = new Map(tracked.map((one) => [one.id, one]));
  return [...market.containers].flatMap(([name, { setup, group }]) => {
    const other = twin.containers.get(name)?.group;
    if (!other) return [];
    const { unusedMarket, unusedTwin } = before.get(setup.id) ?? { unusedMarket: unused(), unusedTwin: unused() };
    const demand = run.demand.get(name) ?? noDemand;
    return [{ id: setup.id, name, demand, market: group, twin: other, unusedMarket, unusedTwin }];
  });
}

function unused(): Unused {
  return { ofLimit: 0, ofRequest: 0 };
}

function setDemand({ demand, market, twin }: Tracked, atMs: number): void {
  const cores = Math.max(0, demand(atMs));
  if (market.tasks) market.tasks.demandCores = cores;
  if (twin.tasks) twin.tasks.demandCores = cores;
}

function countUnused({ market, twin, unusedMarket, unusedTwin }: Tracked, durationMs: number): void {
  addUnused(unusedMarket, market, durationMs);
  addUnused(unusedTwin, twin, durationMs);
}

function addUnused(sums: Unused, { quotaCores, requestCores, grantedCores }: CpuGroup, durationMs: number): void {
  if (quotaCores !== Infinity) sums.ofLimit += Math.max(0, quotaCores - grantedCores) * durationMs;
  sums.ofRequest += Math.max(0, requestCores - grantedCores) * durationMs;
}

function truthOf({ run, tracked }: Running): readonly ContainerTruth[] {
  return tracked.map(({ id, name, market, twin, unusedMarket, unusedTwin }) => ({
    namespace: run.namespace,
    pod: run.name,
    podUid: run.uid,
    container: name,
    containerId: id,
    demandCores: market.tasks?.demandCores ?? 0,
    market: fateOf(market, unusedMarket),
    static: fateOf(twin, unusedTwin),
  }));
}
