/** How a node's kubelet and container runtime lay out control groups. */
export interface CgroupLayout {
  readonly version: "v1" | "v2";
  readonly driver: "systemd" | "cgroupfs";
  readonly runtime: "containerd" | "cri-o" | "docker";
}

/** status.qosClass */
export type QosClass = "Guaranteed" | "Burstable" | "BestEffort";

/** The group of all pods, below the hierarchy's root. */
export function podsRoot({ driver }: CgroupLayout): string {
  return driver === "systemd" ? "kubepods.slice" : "kubepods";
}

/** The group of a QoS class; Guaranteed pods are directly in the group of all pods. */
export function qosPath(layout: CgroupLayout, qos: QosClass): string {
  const root = podsRoot(layout);
  if (qos === "Guaranteed") return root;
  const name = qos.toLowerCase();
  return layout.driver === "systemd" ? `${root}/kubepods-${name}.slice` : `${root}/${name}`;
}

/**
 * The group of a pod. systemd reads "-" as a step down the hierarchy, so that
 * dashes of the name become "_".
 *
 * @param name the pod's UID, or a static pod's config hash
 */
export function podPath(layout: CgroupLayout, qos: QosClass, name: string): string {
  const parent = qosPath(layout, qos);
  if (layout.driver === "cgroupfs") return `${parent}/pod${name}`;
  const prefix = qos === "Guaranteed" ? "kubepods" : `kubepods-${qos.toLowerCase()}`;
  return `${parent}/${prefix}-pod${name.replaceAll("-", "_")}.slice`;
}

const scopePrefixes = { containerd: "cri-containerd", "cri-o": "crio", docker: "docker" } as const;

/** The name of a container's group within its pod's. */
export function containerGroup({ driver, runtime }: CgroupLayout, id: string): string {
  if (driver === "systemd") return `${scopePrefixes[runtime]}-${id}.scope`;
  return runtime === "cri-o" ? `crio-${id}` : id;
}

/** CRI-O's monitor of a container has a group of its own; other runtimes have none. */
export function monitorGroup({ driver, runtime }: CgroupLayout, id: string): string | undefined {
  if (runtime !== "cri-o") return undefined;
  return driver === "systemd" ? `crio-conmon-${id}.scope` : `crio-conmon-${id}`;
}

/** The scheme of status.containerStatuses[].containerID. */
export function containerIdScheme({ runtime }: CgroupLayout): string {
  return runtime;
}
