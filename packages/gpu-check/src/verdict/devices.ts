import type { Sight } from "../sight/sight.ts";
import type { ExpectedPod } from "./expected.ts";
import type { Finding } from "./report.ts";
import { numbered, type Visible } from "./visible.ts";

/** What is wrong with the GPUs of a pod, as it sees them. */
export function deviceFindings(
  pod: ExpectedPod,
  sight: Sight,
  visible: Visible,
  uuids: ReadonlyMap<string, string>,
): readonly Finding[] {
  const { cudaVisibleDevices: variable, gpus, source, trouble } = sight;
  if (variable === null) return [{ state: "missing variable", message: "CUDA_VISIBLE_DEVICES is not set" }];
  if (gpus === null && source !== null)
    return [{ state: "GPU lost", message: `nvidia-smi knows no GPU: ${trouble ?? "no reason given"}` }];
  const wanted = pod.gpus.map((gpu) =>
    isUuid(gpu) ? gpu : (uuids.get(`${sight.node}:${gpu}`) ?? numbered(Number(gpu))),
  );
  const hidden = hiddenFindings(pod, sight, visible, wanted);
  return [...(hidden ?? compare(wanted, visible.devices, variable)), ...foreign(sight, visible)];
}

/** The variable names a GPU that is not there: lost, if it should be there. */
function hiddenFindings(
  pod: ExpectedPod,
  sight: Sight,
  { hidden }: Visible,
  wanted: readonly string[],
): readonly Finding[] | null {
  if (hidden === null) return null;
  const because = sight.trouble === null ? "" : `: ${sight.trouble}`;
  const message = `CUDA_VISIBLE_DEVICES names ${hidden}, which is not among ${listed(uuidsOf(sight))}${because}`;
  const isWanted = pod.gpus.includes(hidden) || wanted.some((device) => device.startsWith(hidden));
  return [{ state: isWanted ? "GPU lost" : "wrong GPU", message }];
}

function compare(wanted: readonly string[], has: readonly string[], variable: string): readonly Finding[] {
  const missing = wanted.filter((device) => !has.includes(device));
  const others = has.filter((device) => !wanted.includes(device));
  if (missing.length === 0 && others.length === 0) return [];
  const message = `sees ${listed(has)} (CUDA_VISIBLE_DEVICES=${variable}), should see ${listed(wanted)}`;
  // A number and a UUID may be the same GPU, where nobody tells which has which.
  const mayBe = missing.length === others.length && isNumbered(missing[0]) !== isNumbered(others[0]);
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
const isNumbered = (device: string | undefined): boolean => device?.startsWith("#") ?? false;
