import type { ContainerDevices, ContainerResources, DynamicResource, PodResources } from "@walras/proto/podresources";

import type { AllocatableDevices, HeldDevice } from "./port.ts";

/** A container of a pod, and what holds for all devices that it has one way. */
type Holder = Pick<HeldDevice, "namespace" | "pod" | "container">;

/** What each container of these pods holds; the same resource may be in it several times, once a NUMA node. */
export function heldBy(pods: readonly PodResources[]): HeldDevice[] {
  return pods.flatMap(({ namespace, name: pod, containers }) =>
    containers.flatMap((container) => heldByContainer({ namespace, pod, container: container.name }, container)),
  );
}

export function allocatableIn(devices: readonly ContainerDevices[]): AllocatableDevices[] {
  return devices.map(({ resourceName, deviceIds }) => ({ resource: resourceName, deviceIds }));
}

function heldByContainer(holder: Holder, { devices, dynamicResources }: ContainerResources): HeldDevice[] {
  const ofPlugins = devices.map(({ resourceName, deviceIds }): HeldDevice => {
    return { ...holder, resource: resourceName, deviceIds, by: "devicePlugin" };
  });
  return [...ofPlugins, ...dynamicResources.flatMap((claim) => heldByClaim(holder, claim))];
}

function heldByClaim(holder: Holder, { claimResources }: DynamicResource): HeldDevice[] {
  return claimResources.map(({ driverName, deviceName, cdiDevices }): HeldDevice => {
    const deviceIds = [deviceName, ...cdiDevices.map(({ name }) => nameInCdi(name))].filter((id) => id !== "");
    return { ...holder, resource: driverName, deviceIds, by: "dra" };
  });
}

/** "nvidia.com/gpu=GPU-1" is GPU-1 of its class. */
function nameInCdi(qualified: string): string {
  return qualified.slice(qualified.indexOf("=") + 1);
}
