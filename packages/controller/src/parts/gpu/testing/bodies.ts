import type { JsonMap } from "@walras/sim/apiserver";

export function ownerOf(name: string): object {
  return { apiVersion: "apps/v1", kind: "StatefulSet", name, uid: `uid-${name}`, controller: true };
}

export function gpuLimits(requests: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(requests).filter(([resource]) => resource === "nvidia.com/gpu"));
}

/** "0=node1:0,1" and "0=node1:0,1@share" */
export function entryOf(text: string): JsonMap {
  const { podIndex, nodeName, gpuDevices, share } =
    /^(?<podIndex>\d+)=(?<nodeName>[^:]+):(?<gpuDevices>[^@]*)(@(?<share>.+))?$/.exec(text)?.groups ?? {};
  return { podIndex: Number(podIndex), nodeName, gpuDevices, ...(share === undefined ? {} : { share }) };
}
