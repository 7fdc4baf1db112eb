import { type Clock } from "@walras/kit";

import type { MapWriter } from "../act/mapWriter.ts";
import type { Mover } from "../act/mover.ts";
import type { PodWriter } from "../act/podWriter.ts";
import type { CycleResult, Failure, MapReport } from "../decide/schedule/cycle.ts";
import { movesOf } from "../decide/schedule/moves.ts";
import type { Devices } from "../decide/schedule/node.ts";
import type { Decision } from "../decide/schedule/placer.ts";
import { hasClaims, type SchedPod } from "../decide/schedule/pod.ts";
import type { GpuAnnouncer } from "../explain/announcer.ts";
import { mapStatusOf } from "../explain/mapStatus.ts";
import type { MapObject } from "../observe/cluster/map.ts";
import type { SchedulerObserver } from "./scheduler.ts";

/** What is counted. */
export interface Counts {
  attempt(result: "scheduled" | "unschedulable" | "refused"): void;
  maps(counts: { readonly held: number; readonly used: number; readonly drifted: number }): void;
}

export interface ReporterOptions {
  readonly announcer: GpuAnnouncer;
  readonly pods: PodWriter;
  /** Takes back what the claims of a pod without a place have, if it is for that pod alone. */
  readonly release: (pod: SchedPod) => void;
  readonly maps: MapWriter;
  readonly mover: Mover;
  readonly mapOf: (uid: string) => MapObject | undefined;
  readonly counts: Counts;
  readonly clock: Clock;
}

/** Says of each pod and map what a cycle decided, and moves what a map wants moved. */
export class Reporter implements SchedulerObserver {
  readonly #options: ReporterOptions;

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  decided(result: CycleResult, devices: Devices): void {
    const held = result.maps.filter(({ hold }) => hold !== null).length;
    let drifted = 0;
    for (const report of result.maps) drifted += this.#report(report, result, devices);
    this.#options.counts.maps({ held, used: result.maps.length - held, drifted });
  }

  failed({ pod, message }: Failure): void {
    const { announcer, pods, counts, release } = this.#options;
    counts.attempt("unschedulable");
    announcer.failed(pod, message);
    pods.explain(pod, message);
    if (hasClaims(pod)) release(pod);
    else if (pod.devices.length > 0) pods.withdraw(pod);
  }

  bound(decision: Decision): void {
    this.#options.counts.attempt("scheduled");
    this.#options.announcer.bound(decision);
  }

  refused({ pod, node }: Decision, message: string): void {
    this.#options.counts.attempt("refused");
    this.#options.announcer.failed(pod, `binding to ${node} was refused: ${message}`);
  }

  /** @returns how many of its pods have drifted */
  #report(report: MapReport, result: CycleResult, devices: Devices): number {
    const { announcer, maps, mapOf, clock } = this.#options;
    const pods = report.checked.seats.flatMap(({ pod }) => pod ?? []);
    const drifted = pods.filter((pod) => announcer.drift(pod, devices)).length;
    const map = mapOf(report.checked.state.uid);
    if (!map) return drifted;
    announcer.held(map, report);
    const now = `${new Date(clock.wallMs()).toISOString().slice(0, 19)}Z`;
    const { generation, status: before } = map;
    maps.write(map, mapStatusOf(report, { site: result.site, devices, now, generation, before }));
    if (map.recreate) this.#move(map, report, result);
    return drifted;
  }

  #move(map: MapObject, report: MapReport, { site }: CycleResult): void {
    const { mover, announcer } = this.#options;
    for (const pod of movesOf(report, site)) {
      void mover.move(pod).then((moved) => (moved ? announcer.moved(pod, map) : undefined));
    }
  }
}
