/** What the name of a container's group tells. */
export interface ContainerName {
  readonly containerId: string;
  /** "containerd", "cri-o", "docker", or empty where the name does not tell. */
  readonly runtime: string;
}

const podsRootName = /^(?:.+-)?kubepods(?:\.slice)?$/;
const qosName = /^(?:(?:.+-)?kubepods-)?(?:burstable|besteffort)(?:\.slice)?$/;
const podSlice = /(?:^|-)kubepods(?:-burstable|-besteffort)?-pod([^-/]+)\.slice$/;
const podGroup = /^pod([^/]+)$/;
const scopeName = /^(cri-containerd|crio|docker)-([0-9a-zA-Z]+)(?:\.scope)?$/;
/** "SLICE:PREFIX:ID": what a runtime told the kubelet's driver is systemd makes of it when its own is not. */
const unexpandedName = /^([^/:]+\.slice):(cri-containerd|crio|docker):([0-9a-zA-Z]+)$/;
/** Real ids have 64 digits; a bare name must look like one, since anything may be named anything. */
const bareId = /^[0-9a-f]{8,128}$/;

const runtimes: Readonly<Record<string, string>> = {
  "cri-containerd": "containerd",
  crio: "cri-o",
  docker: "docker",
};

/** Whether a group of this name is the one all pods of a node are in, whatever it is nested in. */
export function isPodsRoot(name: string): boolean {
  return podsRootName.test(name);
}

/** Whether a group below a pods root is that of a QoS class. */
export function isQosGroup(name: string): boolean {
  return qosName.test(name);
}

/**
 * The pod a group is of: its UID, or the config hash where it is a static pod.
 * systemd reads "-" as a step down, so kubelet writes "_" in its place
 * (ConvertCgroupNameToSystemd in pkg/kubelet/cm/cgroup_manager_linux.go).
 *
 * @returns null where the group is no pod's
 */
export function parsePodGroup(name: string): string | null {
  const slice = podSlice.exec(name)?.[1];
  if (slice !== undefined) return slice.replaceAll("_", "-");
  return name.endsWith(".slice") ? null : (podGroup.exec(name)?.[1] ?? null);
}

/**
 * The container a group is of. Mount units and CRI-O's monitors are none
 * (cadvisor's lib/container/crio/factory.go).
 *
 * @returns null where the group is no container's
 */
export function parseContainerGroup(name: string): ContainerName | null {
  const scope = scopeName.exec(name);
  if (scope) return { containerId: scope[2] ?? "", runtime: runtimes[scope[1] ?? ""] ?? "" };
  return bareId.test(name) ? { containerId: name, runtime: "" } : null;
}

/**
 * The pod and the container of a group whose runtime took the path meant for
 * systemd as a name: kubelet and runtime differ in their cgroup drivers
 * (kubernetes#106514). It is below the runtime's own group then, and not in the pod's.
 *
 * @returns null where the group is none such
 */
export function parseUnexpandedGroup(name: string): (ContainerName & { readonly podName: string }) | null {
  const [, slice = "", prefix = "", containerId = ""] = unexpandedName.exec(name) ?? [];
  const podName = parsePodGroup(slice);
  return podName === null ? null : { podName, containerId, runtime: runtimes[prefix] ?? "" };
}
