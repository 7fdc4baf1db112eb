import { podRef } from "../../../base/told/decision.ts";
import type { Teller } from "../../../base/told/teller.ts";
import type { MapReport } from "../decide/schedule/cycle.ts";
import type { Devices } from "../decide/schedule/node.ts";
import type { Decision } from "../decide/schedule/placer.ts";
import { podKey, type SchedPod } from "../decide/schedule/pod.ts";
import { type MapObject, mapRef } from "../observe/cluster/map.ts";
import { driftOf, viewsOf } from "./drift.ts";
import type { gpuVerdicts } from "./verdicts.ts";

/** Tells of pods and maps what becomes of them. */
export class GpuAnnouncer {
  readonly #teller: Teller<typeof gpuVerdicts>;

  constructor(teller: Teller<typeof gpuVerdicts>) {
    this.#teller = teller;
  }

  bound({ pod, node, devices, tier }: Decision): void {
    this.#teller.over(`pod ${pod.uid}`);
    const gpus =
      tier === null ? "" : `, ${devices.length > 0 ? devices.join(", ") : "GPUs of the kubelet's choice"}, by ${tier}`;
    const reason = `Successfully assigned ${podKey(pod)} to ${node}${gpus}`;
    this.#teller.tell({ object: podRef(pod), verdict: "Scheduled", reason, numbers: { gpus: devices.length } });
  }

  failed(pod: SchedPod, reason: string): void {
    this.#teller.tellOnce(`pod ${pod.uid}`, { object: podRef(pod), verdict: "FailedScheduling", reason });
  }

  moved(pod: SchedPod, map: MapObject): void {
    const reason = `scheduling map ${map.key} says another place than ${pod.node}`;
    this.#teller.tell({ object: podRef(pod), verdict: "GpuPodMoved", reason });
  }

  /** @returns whether it has drifted */
  drift(pod: SchedPod, devices: Devices): boolean {
    const drift = pod.node === "" ? null : driftOf(viewsOf(pod, devices));
    const told = drift === null ? undefined : { object: podRef(pod), verdict: "GpuDrift" as const, reason: drift };
    this.#teller.tellOnce(`drift ${pod.uid}`, told);
    return drift !== null;
  }

  held(map: MapObject, { hold }: MapReport): void {
    const told = hold === null ? undefined : { object: mapRef(map), verdict: "GpuMapHeld" as const, reason: hold };
    this.#teller.tellOnce(`map ${map.uid}`, told);
  }
}
