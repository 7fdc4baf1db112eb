/** Devices that one container holds, as the kubelet says. */
export interface HeldDevice {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** "nvidia.com/gpu" of a device plugin; "gpu.nvidia.com", the driver's name, of DRA. */
  readonly resource: string;
  /** A plugin's own ids; of DRA the device's name, and its names in CDI. */
  readonly deviceIds: readonly string[];
  readonly by: "devicePlugin" | "dra";
}

/** Devices that the kubelet can give to containers. */
export interface AllocatableDevices {
  readonly resource: string;
  readonly deviceIds: readonly string[];
}

/** Who holds what on this node. */
export interface PodResources {
  /** @throws Error in a sentence, where the kubelet cannot be asked */
  list(signal?: AbortSignal): Promise<readonly HeldDevice[]>;
  /** What device plugins offer; DRA is not in it. @throws Error as `list` does */
  allocatable(signal?: AbortSignal): Promise<readonly AllocatableDevices[]>;
}
