import type { KubeObject } from "../apiserver/index.ts";
import type { CgroupLayout } from "./cgroupNames.ts";

/** A node as its kubelet registers it. */
export interface NodeFacts {
  readonly name: string;
  readonly cores: number;
  readonly allocatableMilli: number;
  readonly memoryBytes: number;
  readonly layout: CgroupLayout;
  readonly bootId: string;
  readonly address: string;
  /** The first three numbers of its pods' addresses. */
  readonly podNetwork: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The most pods a kubelet takes by default. */
export const maxPods = 110;

const runtimeVersions = {
  containerd: "containerd://2.2.0",
  "cri-o": "cri-o://1.36.0",
  docker: "docker://29.0.0",
} as const;

const conditions = [
  ["MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"],
  ["DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"],
  ["PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"],
  ["Ready", "True", "KubeletReady", "kubelet is posting ready status"],
] as const;

/**
 * The Node object of a simulated node.
 *
 * @param time now, as the API writes it
 */
export function nodeObject(facts: NodeFacts, time: string): KubeObject {
  const memory = `${Math.floor(facts.memoryBytes / 1024)}Ki`;
  const amounts = { memory, pods: String(maxPods), "ephemeral-storage": "100Gi" };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: facts.name, labels: nodeLabels(facts) },
    spec: {},
    status: {
      capacity: { cpu: String(facts.cores), ...amounts },
      allocatable: { cpu: `${facts.allocatableMilli}m`, ...amounts },
      conditions: conditions.map(([type, status, reason, message]) => ({
        type,
        status,
        reason,
        message,
        lastHeartbeatTime: time,
        lastTransitionTime: time,
      })),
      addresses: [
        { type: "InternalIP", address: facts.address },
        { type: "Hostname", address: facts.name },
      ],
      nodeInfo: nodeInfo(facts),
    },
  };
}

function nodeLabels({ name, labels }: NodeFacts): Readonly<Record<string, string>> {
  return {
    "kubernetes.io/arch": "amd64",
    "kubernetes.io/hostname": name,
    "kubernetes.io/os": "linux",
    ...labels,
  };
}

function nodeInfo({ bootId, layout }: NodeFacts): Readonly<Record<string, string>> {
  return {
    architecture: "amd64",
    bootID: bootId,
    containerRuntimeVersion: runtimeVersions[layout.runtime],
    kernelVersion: "6.12.0-sim",
    kubeProxyVersion: "",
    kubeletVersion: "v1.36.3",
    machineID: bootId.replaceAll("-", ""),
    operatingSystem: "linux",
    osImage: "Walras simulator",
    systemUUID: bootId,
  };
}
