import { type Device, type Devices, wholeOnes } from "../decide/schedule/node.ts";
import type { SchedPod } from "../decide/schedule/pod.ts";
import { isHolder } from "../decide/schedule/room.ts";

/** The GPUs of a pod as three tell of them. */
export interface Views {
  /** What was chosen. */
  readonly intended: readonly string[];
  /** What the kubelet gave it; undefined: nothing is known. */
  readonly kubelet: readonly string[] | undefined;
  /** What its processes are on; undefined: nothing is known. */
  readonly process: readonly string[] | undefined;
}

export function viewsOf(pod: SchedPod, devices: Devices): Views {
  const known = devices.get(pod.node);
  const heldBy = (by: "kubelet" | "process"): string[] | undefined =>
    known &&
    wholeOnes(known)
      .filter((device) => isHolder(device, pod, by))
      .flatMap((device) => namesFor(pod, device, known));
  return { intended: pod.devices, kubelet: heldBy("kubelet"), process: heldBy("process") };
}

/** Of a GPU in MIG mode neither says which instance it is: where one of them was chosen, it is taken to be that. */
function namesFor({ devices }: SchedPod, { uuid }: Device, known: readonly Device[]): string[] {
  const own = known.filter(({ instance, uuid: its }) => instance?.gpu === uuid && devices.includes(its));
  return own.length === 0 ? [uuid] : own.map((one) => one.uuid);
}

/** How they differ; null: not at all, as far as is known. A kubelet that gave nothing has no say. */
export function driftOf({ intended, kubelet = [], process = [] }: Views): string | null {
  if (intended.length === 0) return null;
  const chosen = new Set(intended);
  const sentences = [
    kubelet.length > 0 && !isSame(chosen, kubelet) ? `the kubelet gave ${kubelet.join(", ")}` : [],
    process.some((uuid) => !chosen.has(uuid)) ? `its processes are on ${process.join(", ")}` : [],
  ].flat();
  return sentences.length === 0 ? null : `${intended.join(", ")} were chosen, ${sentences.join(" and ")}`;
}

function isSame(chosen: ReadonlySet<string>, given: readonly string[]): boolean {
  return chosen.size === given.length && given.every((uuid) => chosen.has(uuid));
}
