import type { ContainerState, PodState } from "./pod.ts";

/** A running container whose 100m/200m the node enforces, for tests. */
export function aContainerState(part: Partial<ContainerState> = {}): ContainerState {
  const desired = part.desired ?? { requestMilli: 100, limitMilli: 200 };
  return {
    name: "app",
    sidecar: false,
    desired,
    actual: desired,
    allocatedMilli: desired.requestMilli,
    memoryRequestBytes: null,
    memoryLimitBytes: null,
    restartsOnCpuResize: false,
    containerId: "c1",
    running: true,
    ...part,
  };
}

/** A running Burstable pod of one container, for tests. */
export function aPod(part: Partial<PodState> = {}): PodState {
  return {
    uid: "uid-1",
    namespace: "default",
    name: "web",
    node: "node-1",
    workload: null,
    generation: 1,
    phase: "Running",
    terminating: false,
    ready: true,
    qos: "Burstable",
    priorityClass: "",
    runtimeClass: "",
    deadline: false,
    windows: false,
    configHash: "",
    mirror: false,
    podLevelResources: false,
    managed: "true",
    labels: {},
    annotations: {},
    declaresItself: false,
    containers: [aContainerState()],
    overheadMilli: 0,
    podRequestMilli: null,
    initRequestMilli: 0,
    sideContainerIds: [],
    foreignCpu: [],
    resizePending: null,
    resizeInProgress: null,
    ...part,
  };
}
