import type { SeenGpu, Sight } from "../sight/sight.ts";

/** What CUDA shows to a program of the pod. */
export interface Visible {
  /** UUIDs; what has none that is known is `#` and its number. */
  readonly devices: readonly string[];
  /** The first name that stands for no GPU here: CUDA hides it and all after it. null: there is none. */
  readonly hidden: string | null;
}

/** Whether the container has its own GPUs alone, counted from 0 again. */
export function isIsolated({
  enforcedBy,
  nvidiaVisibleDevices,
}: Pick<Sight, "enforcedBy" | "nvidiaVisibleDevices">): boolean {
  const isChosen = nvidiaVisibleDevices !== null && nvidiaVisibleDevices !== "all";
  return enforcedBy === "dra" || enforcedBy === "device-plugin" || isChosen;
}

/** The rules of CUDA_VISIBLE_DEVICES: numbers or UUIDs, a beginning of one is enough, and the first that is wrong ends the list. */
export function visibleTo(sight: Sight, uuids: ReadonlyMap<string, string>): Visible {
  const names = (sight.cudaVisibleDevices ?? "").split(",").map((name) => name.trim());
  const devices: string[] = [];
  for (const name of names) {
    if (name === "" || name === "-1" || name === "NoDevFiles") break;
    const device = deviceOf(name, sight, uuids);
    if (device === undefined) return { devices, hidden: name };
    if (!devices.includes(device)) devices.push(device);
  }
  return { devices, hidden: null };
}

function deviceOf(name: string, sight: Sight, uuids: ReadonlyMap<string, string>): string | undefined {
  const { gpus, node } = sight;
  const isNumber = /^\d{1,4}$/.test(name);
  if (gpus === null) {
    const counted = isNumber && !isIsolated(sight) ? uuids.get(`${node}:${Number(name)}`) : undefined;
    return counted ?? (isNumber ? numbered(Number(name)) : name);
  }
  if (isNumber) return wholeOf(gpus)[Number(name)]?.uuid;
  const meant = gpus.filter(({ uuid }) => uuid.startsWith(name));
  return meant.length === 1 ? meant[0]?.uuid : undefined;
}

/** A GPU of which no more than its number is known. */
export function numbered(index: number): string {
  return `#${index}`;
}

/** Those that a number can stand for. */
function wholeOf(gpus: readonly SeenGpu[]): readonly SeenGpu[] {
  return gpus.filter(({ uuid }) => !uuid.startsWith("MIG-")).toSorted((one, other) => one.index - other.index);
}
