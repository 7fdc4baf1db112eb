import { annotations, managedLabel, type PodAllocation } from "@walras/api";
import { parseCpu } from "@walras/kit";
import { type KubeTransport, resources } from "@walras/kube";

import { amountsOf } from "../cluster/amounts.ts";
import { containerIdOf, isAlive, keyOf, type Node, type Pod, requestMilliOf } from "../cluster/objects.ts";
import { allocationsOf, type AnyObject, listOf } from "../cluster/read.ts";
import type { FrameOf, RecordedPod } from "./frames.ts";

/** The cluster's nodes. @throws ClusterError, KubeError, FieldError */
export async function nodesNow(transport: KubeTransport): Promise<FrameOf<"nodes">["nodes"]> {
  const nodes = await listOf<Node>(transport, resources.node);
  return nodes.map(({ metadata, status }) => {
    const allocatableMilli = parseCpu(
      status?.allocatable?.["cpu"] ?? "0",
      `node ${metadata.name}.status.allocatable.cpu`,
    );
    const capacity = status?.capacity?.["cpu"];
    const capacityMilli =
      capacity === undefined ? allocatableMilli : parseCpu(capacity, `node ${metadata.name}.status.capacity.cpu`);
    return { name: metadata.name, capacityMilli, allocatableMilli };
  });
}

/** Pods that run, with what their owners declared. @throws ClusterError, KubeError, FieldError */
export async function podsNow(transport: KubeTransport): Promise<RecordedPod[]> {
  const allocations = new Map((await allocationsOf(transport)).map((one) => [one.spec.podUID ?? "", one]));
  const namespaces = await listOf<AnyObject>(transport, resources.namespace);
  const labelled = new Map(namespaces.map(({ metadata }) => [metadata.name, metadata.labels?.[managedLabel]]));
  const pods = await listOf<Pod>(transport, resources.pod);
  return pods
    .filter((pod) => isAlive(pod) && (pod.spec?.nodeName ?? "") !== "")
    .map((pod) => {
      const label = pod.metadata.labels?.[managedLabel] ?? labelled.get(pod.metadata.namespace ?? "");
      return recorded(pod, label === "true", allocations.get(pod.metadata.uid ?? ""));
    });
}

const ours = new Set<string>(Object.values(annotations));

function recorded(pod: Pod, managed: boolean, allocation: PodAllocation | undefined): RecordedPod {
  const { metadata, spec } = pod;
  return {
    uid: metadata.uid ?? "",
    namespace: metadata.namespace ?? "",
    name: metadata.name,
    node: spec?.nodeName ?? "",
    managed,
    annotations: Object.fromEntries(Object.entries(metadata.annotations ?? {}).filter(([key]) => ours.has(key))),
    askedMilli: requestMilliOf(pod),
    rationed: allocation !== undefined && amountsOf(allocation).rationMilli !== null,
    containers: containersOf(pod, allocation),
  };
}

function containersOf(pod: Pod, allocation: PodAllocation | undefined): RecordedPod["containers"] {
  const ids = new Map((pod.status?.containerStatuses ?? []).map((one) => [one.name, containerIdOf(one)]));
  return (pod.spec?.containers ?? []).map(({ name, resources: has }) => {
    const { request, limit } = declaredOf(allocation, name) ?? {
      request: has?.requests?.["cpu"],
      limit: has?.limits?.["cpu"],
    };
    const field = `${keyOf(pod.metadata)}.${name}`;
    return {
      id: ids.get(name) ?? "",
      name,
      requestMilli: milliOf(request, `${field}.requests.cpu`),
      limitMilli: milliOf(limit, `${field}.limits.cpu`),
    };
  });
}

/** What the container had before the market; undefined where the market has not met it. */
function declaredOf(
  allocation: PodAllocation | undefined,
  name: string,
): { readonly request: string; readonly limit: string | undefined } | undefined {
  const declared = allocation?.spec.containers?.find((one) => one.name === name);
  return declared && { request: declared.declaredCPURequest, limit: declared.declaredCPULimit };
}

function milliOf(text: string | undefined, field: string): number | null {
  return text === undefined ? null : parseCpu(text, field);
}
