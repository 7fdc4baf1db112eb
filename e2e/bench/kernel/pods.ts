import { annotations, managedLabel } from "@walras/api";
import { formatCpu } from "@walras/kit";
import { resources } from "@walras/kube";

import type { Cluster, PodView } from "../../harness/cluster.ts";
import { KernelContainer, type KernelView, othersNanos } from "../../harness/kernel.ts";
import { eventually } from "../../harness/wait.ts";
import type { Sizes } from "./policies.ts";

/** Where pods of the benchmark run. */
export interface Bed {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly node: string;
  /** The image of the service. */
  readonly image: string;
}

/** A pod that is measured. */
export interface Measured {
  readonly name: string;
  readonly url: string;
  readonly kernel: KernelContainer;
}

/** So many cores on so many threads. */
export interface Work {
  readonly cores: number;
  readonly threads: number;
}

export interface PodPlan {
  readonly name: string;
  readonly sizes: Sizes;
  readonly managed: boolean;
  readonly weight?: number;
  readonly startCpuMs?: number;
  /** What it works off steadily instead of serving. */
  readonly work?: Work;
}

/** Starts the pod and waits until its node runs it. */
export async function startPod(bed: Bed, plan: PodPlan): Promise<Measured> {
  await bed.cluster.create(resources.pod, bed.namespace, manifest(bed, plan));
  const pod = (await eventually(
    `pod ${plan.name}`,
    () => bed.cluster.pod(bed.namespace, plan.name),
    ({ status }) => isRunning(status),
    60_000,
  )) as PodView & { readonly status: { readonly podIP?: string } };
  const [container] = pod.status.containerStatuses ?? [];
  return {
    name: plan.name,
    url: `http://${pod.status.podIP}:8080`,
    kernel: new KernelContainer(container?.containerID ?? ""),
  };
}

/** Takes pods away and waits until they are gone. */
export async function endPods(bed: Bed, pods: readonly { readonly name: string }[]): Promise<void> {
  const names = pods.map(({ name }) => name);
  await bed.cluster.kubectl("-n", bed.namespace, "delete", "pod", ...names, "--grace-period=0", "--force", "--wait");
}

/** How often a pod was resized since it was made. */
export async function resizes(bed: Bed, { name }: { readonly name: string }): Promise<number> {
  return ((await bed.cluster.pod(bed.namespace, name)).metadata.generation ?? 1) - 1;
}

/** What the kernel counted between two views. */
export interface Counted {
  readonly throttledSeconds: number;
  readonly cpuMilli: number;
  /** What everybody else but pods used meanwhile, programs of the control plane and whoever disturbs. */
  readonly othersMilli: number;
}

/** Everything the kernel has counted by now. */
export interface View extends KernelView {
  readonly othersNanos: number;
}

export function look({ kernel }: Measured): View {
  return { ...kernel.read(), othersNanos: othersNanos() };
}

export function counted(before: View, after: View): Counted {
  return {
    othersMilli: (after.othersNanos - before.othersNanos) / 1e3 / (after.atMs - before.atMs),
    throttledSeconds: (after.throttledNanos - before.throttledNanos) / 1e9,
    cpuMilli: (after.usageNanos - before.usageNanos) / 1e3 / (after.atMs - before.atMs),
  };
}

function isRunning(status: PodView["status"]): boolean {
  const [container] = status?.containerStatuses ?? [];
  const { podIP } = (status ?? {}) as { readonly podIP?: string };
  return container?.state?.running !== undefined && container.resources !== undefined && podIP !== undefined;
}

interface PodBody extends Record<string, unknown> {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
}

function manifest(bed: Bed, plan: PodPlan): PodBody {
  const { requestMilli, limitMilli } = plan.sizes;
  const limits = limitMilli === null ? {} : { limits: { cpu: formatCpu(limitMilli) } };
  return {
    metadata: {
      name: plan.name,
      labels: { [managedLabel]: String(plan.managed) },
      ...(plan.weight === undefined ? {} : { annotations: { [annotations.weight]: String(plan.weight) } }),
    },
    spec: {
      nodeName: bed.node,
      terminationGracePeriodSeconds: 0,
      restartPolicy: "Always",
      containers: [
        {
          name: "app",
          imagePullPolicy: "IfNotPresent",
          resources: { requests: { cpu: formatCpu(requestMilli) }, ...limits },
          image: bed.image,
          ...(plan.work === undefined ? serving(plan) : working(plan.work)),
        },
      ],
    },
  };
}

function serving({ startCpuMs = 0 }: PodPlan): object {
  const readinessProbe = { httpGet: { path: "/", port: 8080 }, periodSeconds: 1 };
  return startCpuMs > 0 ? { env: [{ name: "START_CPU_MS", value: String(startCpuMs) }], readinessProbe } : {};
}

function working({ cores, threads }: Work): object {
  return {
    env: [
      { name: "BURN_CORES", value: String(cores) },
      { name: "THREADS", value: String(threads) },
    ],
  };
}
