import { loadAnnotation } from "../workload/index.ts";
import type { PodGroup } from "./schema.ts";

/** A pod to create, and in which namespace. */
export interface PodToCreate {
  readonly namespace: string;
  readonly name: string;
  /** The body of the call. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** The pods of a group, as they are created at the API server. */
export function podsOf(group: PodGroup): readonly PodToCreate[] {
  return Array.from({ length: group.count }, (_, index) => {
    const name = group.count === 1 ? group.name : `${group.name}-${index}`;
    return { namespace: group.namespace, name, body: podBody(group, name, index) };
  });
}

function podBody(group: PodGroup, name: string, index: number): PodToCreate["body"] {
  const { namespace, labels, node, priority, restartPolicy, requests, runtimeClass } = group;
  const sidecars = group.containers.filter(({ sidecar }) => sidecar);
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace,
      labels: { app: group.name, ...labels },
      annotations: annotationsOf(group, index, name),
    },
    spec: {
      ...(node === undefined ? {} : { nodeName: node }),
      priority,
      restartPolicy,
      terminationGracePeriodSeconds: 1,
      ...(Object.keys(requests).length > 0 ? { resources: { requests } } : {}),
      ...(runtimeClass === undefined ? {} : { runtimeClassName: runtimeClass }),
      ...(sidecars.length > 0 ? { initContainers: sidecars.map(sidecarBody) } : {}),
      containers: group.containers.filter(({ sidecar }) => !sidecar).map(containerBody),
    },
  };
}

type Container = PodGroup["containers"][number];

function containerBody({ name, image, requests, limits }: Container): Readonly<Record<string, unknown>> {
  return { name, image, resources: { requests, limits } };
}

function sidecarBody(container: Container): Readonly<Record<string, unknown>> {
  return { ...containerBody(container), restartPolicy: "Always" };
}

function annotationsOf(group: PodGroup, index: number, name: string): Readonly<Record<string, string>> {
  const loads = group.containers.flatMap(({ name: container, load }) => {
    if (!load) return [];
    const bySeconds = index * group.staggerSeconds;
    const demand = bySeconds === 0 ? load.demand : { kind: "shift", of: load.demand, bySeconds };
    return [[loadAnnotation(container), JSON.stringify({ ...load, demand })] as const];
  });
  return { ...group.annotations, ...Object.fromEntries(loads), ...(group.static ? mirrorAnnotations(name) : {}) };
}

/** What tells a mirror pod, and what its cgroup is called by. */
function mirrorAnnotations(name: string): Readonly<Record<string, string>> {
  const hash = Buffer.from(name).toString("hex").padEnd(32, "0").slice(0, 32);
  return {
    "kubernetes.io/config.hash": hash,
    "kubernetes.io/config.mirror": hash,
    "kubernetes.io/config.source": "file",
  };
}
