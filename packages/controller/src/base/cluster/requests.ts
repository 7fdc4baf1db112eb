import { type Millicores, parseCpu } from "@walras/kit";
import type { V1Container, V1ContainerStatus, V1Pod, V1ResourceRequirements } from "@kubernetes/client-node";

/** CPU of a container; null where not set. */
export interface ContainerResources {
  readonly requestMilli: Millicores | null;
  readonly limitMilli: Millicores | null;
}

/** What of a pod's request is not the request of a container that keeps running. */
export interface RequestsBeside {
  /** Of what runs the pod, such as a virtual machine (KEP-688). */
  readonly overheadMilli: Millicores;
  /** For the pod as a whole, the larger of desired, allocated and actual (KEP-2837); null where there is none. */
  readonly podRequestMilli: Millicores | null;
  /** What init containers need at most, without overhead: kept for the pod as long as it lives. */
  readonly initRequestMilli: Millicores;
}

/** @throws FieldError when a quantity cannot be read */
export function cpuOf(resources: V1ResourceRequirements | undefined, field: string): ContainerResources {
  const read = (text: string | undefined, kind: string): Millicores | null =>
    text === undefined ? null : parseCpu(text, `${field}.${kind}.cpu`);
  return {
    requestMilli: read(resources?.requests?.["cpu"], "requests"),
    limitMilli: read(resources?.limits?.["cpu"], "limits"),
  };
}

/** @throws FieldError when a quantity cannot be read */
export function requestsBeside({ spec, status }: V1Pod, origin: string): RequestsBeside {
  const overhead = spec?.overhead?.["cpu"];
  const asked = [spec?.resources, status?.resources, { requests: status?.allocatedResources ?? {} }].flatMap(
    (one) => cpuOf(one, origin).requestMilli ?? [],
  );
  return {
    overheadMilli: overhead === undefined ? 0 : parseCpu(overhead, `${origin}.overhead.cpu`),
    podRequestMilli: asked.length === 0 ? null : Math.max(...asked),
    initRequestMilli: initRequestMilli(spec?.initContainers ?? [], status?.initContainerStatuses ?? [], origin),
  };
}

/** The largest of what runs at a time before the main containers do, as the scheduler adds it up (KEP-753). */
function initRequestMilli(
  containers: readonly V1Container[],
  statuses: readonly V1ContainerStatus[],
  origin: string,
): Millicores {
  let sidecars = 0;
  let highest = 0;
  for (const container of containers) {
    const isSidecar = container.restartPolicy === "Always";
    // A sidecar can be resized: what the node still holds for it counts.
    const status = isSidecar ? statuses.find(({ name }) => name === container.name) : undefined;
    const asked = [container.resources, status?.resources, { requests: status?.allocatedResources ?? {} }];
    const field = `${origin}.${container.name}`;
    const request = Math.max(0, ...asked.map((one) => cpuOf(one, field).requestMilli ?? 0));
    if (isSidecar) sidecars += request;
    highest = Math.max(highest, isSidecar ? sidecars : sidecars + request);
  }
  return highest;
}
