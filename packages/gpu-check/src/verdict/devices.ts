import type { Sight } from "../sight/sight.ts";
import type { Expected, ExpectedPod } from "./expected.ts";
import type { Finding } from "./report.ts";
import { numbered, type Visible } from "./visible.ts";

/** The GPUs that a pod should see. */
export interface Wanted {
  /** As the map has them. */
  readonly names: readonly string[];
  /** By UUID; `#` and a number where none is known. */
  readonly devices: readonly string[];
}

/** Numbers are those that pods of the node see; else what the scheduler chose for them is taken at its word. */
export function wantedBy(
  { podIndex, gpus: names }: ExpectedPod,
  { node }: Sight,
  uuids: ReadonlyMap<string, string>,
  { chosen }: Pick<Expected, "chosen">,
): Wanted {
  const devices = names.map((gpu) => (isUuid(gpu) ? gpu : (uuids.get(`${node}:${gpu}`) ?? numbered(Number(gpu)))));
  const said = chosen.get(podIndex) ?? [];
  const isTold = devices.some(isNumbered) && said.length === devices.length;
  return { names, devices: isTold ? said : devices };
}

/** What is wrong with the GPUs of a pod, as it sees them. */
export function deviceFindings(sight: Sight, visible: Visible, wanted: Wanted): readonly Finding[] {
  const { cudaVisibleDevices: variable, gpus, source, trouble } = sight;
  if (variable === null) return [{ state: "missing variable", message: "CUDA_VISIBLE_DEVICES is not set" }];
  if (gpus === null && source !== null)
    return [{ state: "GPU lost", message: `nvidia-smi knows no GPU: ${trouble ?? "no reason given"}` }];
  const hidden = hiddenFindings(sight, visible, wanted);
  return [...(hidden ?? compare(wanted.devices, visible.devices, variable)), ...foreign(sight, visible)];
}

/** The variable names a GPU that is not there: lost, if it should be there. */
function hiddenFindings(sight: Sight, { hidden }: Visible, { names, devices }: Wanted): readonly Finding[] | null {
  if (hidden === null) return null;
  const because = sight.trouble === null ? "" : `: ${sight.trouble}`;
  const message = `CUDA_VISIBLE_DEVICES names ${hidden}, which is not among ${listed(uuidsOf(sight))}${because}`;
  const isWanted = names.includes(hidden) || devices.some((device) => device.startsWith(hidden));
  return [{ state: isWanted ? "GPU lost" : "wrong GPU", message }];
}

function compare(wanted: readonly string[], has: readonly string[], variable: string): readonly Finding[] {
  const missing = wanted.filter((device) => !has.includes(device));
  const others = has.filter((device) => !wanted.includes(device));
  if (missing.length === 0 && others.length === 0) return [];
  const message = `sees ${listed(has)} (CUDA_VISIBLE_DEVICES=${variable}), should see ${listed(wanted)}`;
  // A number and a UUID may be the same GPU, where nobody tells which has which.
  const mayBe = missing.length === others.length && missing.some(isNumbered) !== others.some(isNumbered);
  if (!mayBe) return [{ state: "wrong GPU", message }];
  return [{ state: "not proven", message: `${message}; which number has which UUID is not known` }];
}

/** A pod of the check computes nothing: whoever does on its GPUs is somebody else. */
function foreign({ processes }: Sight, { devices }: Visible): readonly Finding[] {
  const found = (processes ?? []).filter(({ gpu }) => devices.includes(gpu));
  return found.map(({ gpu, pid, name }) => ({
    state: "foreign process",
    message: `process ${pid} (${name}) computes on ${gpu}`,
  }));
}

function uuidsOf({ gpus }: Sight): readonly string[] {
  return (gpus ?? []).map(({ uuid }) => uuid);
}

const listed = (devices: readonly string[]): string => (devices.length === 0 ? "no GPU" : devices.join(", "));
const isUuid = (gpu: string): boolean => /^(?:GPU|MIG)-/.test(gpu);
const isNumbered = (device: string): boolean => device.startsWith("#");
