import type { Clock } from "@walras/kit";

import { containerIdsOf, holdsResources, type PodState } from "../../cluster/pod.ts";
import type { NodesView } from "../../cluster/view.ts";
import type { GpuReading, GpusReading, ProcessReading } from "../ledger/gpuReading.ts";
import type { Ledger } from "../ledger/ledger.ts";

/** What was read longer ago is not believed: a gauge that stands still would look like a GPU that does, and a GPU may be somebody else's by now. */
export const gpusBelievedMs = 60_000;

/** A pod that has a GPU, or a part of one: the kubelet says so, or a process of it uses it. */
interface GpuHolder {
  readonly namespace: string;
  readonly pod: string;
  readonly by: "kubelet" | "process";
}

/** A GPU with those of the node's pods that have it. */
export interface KnownGpu extends Omit<GpuReading, "held"> {
  readonly memoryMiB: number | null;
  readonly holders: readonly GpuHolder[];
  /** Of processes in no container of the node's pods. */
  readonly foreignPids: readonly number[];
}

interface KnownGpusNeeds {
  readonly ledger: Pick<Ledger, "gpus">;
  readonly view: Pick<NodesView, "podsOn">;
  readonly clock: Clock;
}

/**
 * The GPUs of nodes, joined with the pods that are on them now: a kubelet may
 * still tell of pods that have ended, and only knows names.
 */
export class KnownGpus {
  readonly #needs: KnownGpusNeeds;

  constructor(needs: KnownGpusNeeds) {
    this.#needs = needs;
  }

  /** null: its GPUs are not known; that is not to have none. */
  of(node: string): { readonly gpus: readonly KnownGpu[]; readonly ageMs: number } | null {
    const { ledger, view, clock } = this.#needs;
    const reading = ledger.gpus(node);
    if (reading === null || isUnknown(reading)) return null;
    const pods = podsBy(view.podsOn(node));
    const ageMs = Math.max(0, clock.monotonicMs() - reading.atMs);
    return { gpus: reading.gpus.map((gpu) => known(gpu, pods)), ageMs };
  }
}

function isUnknown({ gpus, trouble }: GpusReading): boolean {
  return gpus.length === 0 && trouble !== null;
}

interface PodsBy {
  readonly name: ReadonlyMap<string, PodState>;
  /** By UID and by config hash. */
  readonly cgroup: ReadonlyMap<string, PodState>;
  readonly container: ReadonlyMap<string, PodState>;
}

function podsBy(pods: readonly PodState[]): PodsBy {
  const live = pods.filter(holdsResources);
  return {
    name: new Map(live.map((pod) => [`${pod.namespace}/${pod.name}`, pod])),
    cgroup: new Map(pods.flatMap((pod) => [pod.uid, pod.configHash].map((name) => [name, pod] as const))),
    container: new Map(pods.flatMap((pod) => containerIdsOf(pod).map((id) => [id, pod] as const))),
  };
}

function known({ held, ...gpu }: GpuReading, pods: PodsBy): KnownGpu {
  const byKubelet = held.flatMap(({ namespace, pod }) => pods.name.get(`${namespace}/${pod}`) ?? []);
  const processes = gpu.processes ?? [];
  const byProcess = processes.flatMap((process) => podOf(process, pods) ?? []);
  return {
    ...gpu,
    memoryMiB: gpu.memoryTotalMiB,
    holders: [...holders(byKubelet, "kubelet"), ...holders(byProcess, "process")],
    foreignPids: processes.filter((process) => isForeign(process, pods)).map(({ pid }) => pid),
  };
}

/** Each pod once, however many of its containers or processes there are. */
function holders(pods: readonly PodState[], by: GpuHolder["by"]): GpuHolder[] {
  return [...new Set(pods)].map(({ namespace, name }) => ({ namespace, pod: name, by }));
}

function podOf({ podName, containerId }: ProcessReading, pods: PodsBy): PodState | undefined {
  return (podName === "" ? undefined : pods.cgroup.get(podName)) ?? pods.container.get(containerId);
}

/** A process whose place is not known is nobody's, and no stranger's either. */
function isForeign(process: ProcessReading, pods: PodsBy): boolean {
  return process.place === "outside" || (process.place === "container" && podOf(process, pods) === undefined);
}
