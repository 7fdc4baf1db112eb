import type { DashboardGpu, DashboardGpus, GpuSeat } from "@walras/api";

import type { KnownGpu } from "../../../base/telemetry/gpus/known.ts";
import type { GpusReading } from "../../../base/telemetry/ledger/gpuReading.ts";
import { devicesAsked, podKey, type SchedPod } from "../decide/schedule/pod.ts";
import { isHolder } from "../decide/schedule/room.ts";

/** A node's GPUs as its agent tells of them, with the pods that are on it. */
export interface NodeGpus {
  readonly node: string;
  readonly ageMs: number;
  readonly reading: Pick<GpusReading, "source" | "trouble">;
  readonly gpus: readonly KnownGpu[];
  readonly pods: readonly SchedPod[];
}

const mostWaiting = 500;

/** GPUs and who has them, as the plan, the kubelet, the pod's variable and processes tell. */
export function gpusOf(atMs: number, nodes: readonly NodeGpus[], waiting: readonly SchedPod[]): DashboardGpus {
  const shown = nodes.map(({ node, ageMs, reading, gpus, pods }) => {
    const holding = new Set(gpus.flatMap(({ holders }) => holders.map(({ namespace, pod }) => `${namespace}/${pod}`)));
    const live = pods
      .filter((pod) => !pod.ended && (pod.devices.length > 0 || holding.has(podKey(pod))))
      .map((pod) => ({ pod, byKubelet: gpus.some((gpu) => isHolder(gpu, pod, "kubelet")) }));
    const { source, trouble } = reading;
    return { node, ageMs: Math.round(ageMs), source, trouble, gpus: gpus.map((gpu) => gpuOf(gpu, live)) };
  });
  const seats = shown.flatMap(({ gpus }) => gpus.flatMap((gpu) => gpu.seats));
  return {
    atMs,
    drifted: seats.filter(({ drift }) => drift).length,
    nodes: shown,
    waiting: waiting
      .slice(0, mostWaiting)
      .map(({ namespace, name, ask }) => ({ namespace, pod: name, gpus: devicesAsked(ask) })),
  };
}

interface LivePod {
  readonly pod: SchedPod;
  /** The kubelet gave it some GPU of the node. One that gave it nothing has no say: the pod did not ask it. */
  readonly byKubelet: boolean;
}

function gpuOf(gpu: KnownGpu, pods: readonly LivePod[]): DashboardGpu {
  const { uuid, index, model, memoryTotalMiB, memoryUsedMiB, utilisation, temperatureCelsius, mig, unhealthy } = gpu;
  return {
    uuid,
    index,
    model,
    memoryTotalMiB,
    memoryUsedMiB,
    utilisation,
    temperatureCelsius,
    mig,
    unhealthy,
    foreignPids: [...gpu.foreignPids],
    seats: pods.flatMap((live) => seatOf(live, gpu)),
  };
}

/** Nothing where nobody says that the pod has the GPU. */
function seatOf({ pod, byKubelet }: LivePod, gpu: KnownGpu): GpuSeat[] {
  const { namespace, name, devices, enforcedBy } = pod;
  const chosen = devices.includes(gpu.uuid) || gpu.migDevices.some(({ uuid }) => devices.includes(uuid));
  const intended = devices.length === 0 ? null : chosen;
  const seat = {
    intended,
    kubelet: byKubelet ? isHolder(gpu, pod, "kubelet") : null,
    container: enforcedBy === "env" ? intended : null,
    process: gpu.processes === null ? null : isHolder(gpu, pod, "process"),
  };
  if (!Object.values(seat).includes(true)) return [];
  return [{ namespace, pod: name, ...seat, drift: isDrift(seat) }];
}

/** A GPU on which no process of the pod is may be idle. */
function isDrift({ intended, kubelet, process }: Pick<GpuSeat, "intended" | "kubelet" | "process">): boolean {
  if (intended === null) return kubelet === false && process === true;
  return intended ? kubelet === false : kubelet === true || process === true;
}
