import type { GpuState } from "../nvidia/gpuState.ts";
import type { HeldDevice } from "./port.ts";

const isNvidia = /(?:^|\.)nvidia\.com(?:\/|$)/;
/** A plugin that shares a GPU gives it out several times: "GPU-1::3". */
const share = /::\d+$/;
/** Before driver 470 a MIG device was named by its GPU and its two instances. */
const oldMig = /^MIG-(GPU-[^/]+)\/\d+\/\d+$/;
/** Ids of GKE's plugin: /dev/nvidia0, and parts of it. */
const ofGke = /^nvidia(\d+)(?:\/|$)/;
/** Ids of NVIDIA's plugin where it is told to give indices; "0:1" is a MIG device. */
const byIndex = /^(\d+)(?::\d+)?$/;
/** Names of NVIDIA's DRA driver: the minor, and of a MIG device its profile and place. */
const ofDra = /^gpu-(\d+)(?:-mig-.+)?$/;

type Kind = Pick<HeldDevice, "resource" | "by">;

/** What somebody holds or offers, by the UUIDs of the GPUs that its devices are, or are parts of. */
export function byGpu<Item extends Kind & Pick<HeldDevice, "deviceIds">>(
  gpus: readonly GpuState[],
  items: readonly Item[],
): ReadonlyMap<string, readonly Item[]> {
  const found = new Map<string, Item[]>();
  for (const item of items) {
    const uuids = new Set(item.deviceIds.flatMap((id) => gpuOf(gpus, item, id)?.uuid ?? []));
    for (const uuid of uuids) found.set(uuid, [...(found.get(uuid) ?? []), item]);
  }
  return found;
}

/**
 * The GPU that a device is, or is a part of, by whatever its plugin or driver
 * calls it: a UUID, an index, a minor.
 *
 * @returns undefined where it is none of these
 */
export function gpuOf(gpus: readonly GpuState[], { resource, by }: Kind, deviceId: string): GpuState | undefined {
  const id = deviceId.replace(share, "");
  const named = gpus.find((gpu) => isNamed(gpu, id));
  if (named || !isNvidia.test(resource)) return named;
  const minor = (by === "dra" ? ofDra : ofGke).exec(id)?.[1];
  if (minor !== undefined) return gpus.find((gpu) => gpu.minor === Number(minor));
  const index = by === "dra" ? undefined : byIndex.exec(id)?.[1];
  return index === undefined ? undefined : gpus.find((gpu) => gpu.index === Number(index));
}

/** HAMi adds a number to the UUID of a GPU that it shares. */
function isNamed({ uuid, migDevices }: GpuState, id: string): boolean {
  if (id === uuid || (uuid !== "" && id.startsWith(`${uuid}-`))) return true;
  return oldMig.exec(id)?.[1] === uuid || migDevices.some((mig) => mig.uuid === id);
}
