import type { GpuRow } from "./gpuRow.ts";
import type { GpuState } from "./gpuState.ts";
import type { ProcGpu } from "./procGpus.ts";
import type { NamedDetail } from "./smiDetails.ts";

/** What is known beside the rows of a round. */
export interface Known {
  /** By UUID; null: not read yet. */
  readonly details: ReadonlyMap<string, NamedDetail> | null;
  /** Whether the details are young enough to say who uses a GPU now. */
  readonly processesKnown: boolean;
  /** Null where the driver's files are not there. */
  readonly proc: readonly ProcGpu[] | null;
}

const unmeasured = {
  memoryTotalMiB: null,
  memoryUsedMiB: null,
  utilisation: null,
  powerWatts: null,
  temperatureCelsius: null,
  mig: null,
  migDevices: [],
  uncorrectedEcc: null,
  xid: null,
  processes: null,
} as const;

/** The GPUs of one round, by index; and those that the driver has and nvidia-smi does not name. */
export function statesOf(rows: readonly GpuRow[], known: Known): readonly GpuState[] {
  const states = rows.map((row, position) => stateOf(row, position, known)).filter((state) => state !== null);
  const named = new Set(states.map(({ pciBusId }) => pciBusId));
  const unnamed = procStates(known.proc ?? [], null).filter(({ pciBusId }) => !named.has(pciBusId));
  const last = Math.max(-1, ...states.map(({ index }) => index));
  return [
    ...states.toSorted((one, other) => one.index - other.index),
    ...unnamed.map((state, at) => ({
      ...state,
      index: last + 1 + at,
      unhealthy: state.unhealthy ?? "nvidia-smi does not name it",
    })),
  ];
}

/** What a GPU is called; a source leaves out what it does not know. */
interface Named {
  readonly uuid?: string | null;
  readonly pciBusId?: string | null;
  readonly minor?: number | null;
  readonly model?: string | null;
}

function stateOf(row: GpuRow, position: number, { details, processesKnown, proc }: Known): GpuState | null {
  const detail = [...(details?.values() ?? [])].find((one) => isOf(row, one));
  const file = proc?.find((one) => isOf(row, one) || one.pciBusId === row.pciBusId);
  const sources: readonly (Named | undefined)[] = [row, detail, file];
  const uuid = firstTold(sources, "uuid");
  const pciBusId = firstTold(sources, "pciBusId");
  if (uuid === null || pciBusId === null) return null;
  return {
    ...measuresOf(row),
    ...detailsOf(row, detail, processesKnown),
    uuid,
    pciBusId,
    index: row.index ?? position,
    minor: firstTold(sources, "minor"),
    model: firstTold(sources, "model") ?? "",
  };
}

function firstTold<Key extends keyof Named>(
  sources: readonly (Named | undefined)[],
  key: Key,
): NonNullable<Named[Key]> | null {
  const source = sources.find((one) => (one?.[key] ?? null) !== null);
  return source?.[key] ?? null;
}

/** A GPU that has fallen off the bus may not even say who it is: what is known of its place tells. */
function isOf(row: GpuRow, { uuid, pciBusId }: Pick<ProcGpu, "uuid"> & { readonly pciBusId: string | null }): boolean {
  return row.uuid === null ? pciBusId !== null && pciBusId === row.pciBusId : uuid === row.uuid;
}

type Measures = Omit<typeof unmeasured, "migDevices" | "processes" | "xid">;

function measuresOf(row: GpuRow): { readonly [Key in keyof Measures]: GpuState[Key] } {
  const { memoryTotalMiB, memoryUsedMiB, utilisation, powerWatts, temperatureCelsius, mig, uncorrectedEcc } = row;
  return { memoryTotalMiB, memoryUsedMiB, utilisation, powerWatts, temperatureCelsius, mig, uncorrectedEcc };
}

function detailsOf(
  row: GpuRow,
  detail: NamedDetail | undefined,
  processesKnown: boolean,
): Pick<GpuState, "migDevices" | "xid" | "unhealthy" | "processes"> {
  return {
    migDevices: row.mig === "disabled" ? [] : (detail?.migDevices ?? []),
    xid: null,
    unhealthy: unhealthyOf(row, detail),
    processes: processesKnown ? (detail?.processes ?? null) : null,
  };
}

/**
 * Why a GPU is not to be used. A driver that names the action to recover a GPU
 * has weighed what is wrong with it; of one that does not, errors and pending
 * repairs are taken as they are.
 */
function unhealthyOf(row: GpuRow, detail: NamedDetail | undefined): string | null {
  const { failure, recoveryAction } = row;
  if (failure !== null) return failure;
  if (recoveryAction !== null && recoveryAction !== "None") return `the driver asks for ${recoveryAction}`;
  if (detail?.resetRequired === true) return "GPU requires reset";
  if (detail?.repairFailed === true) return "memory rows have failed and cannot be remapped";
  return recoveryAction === null ? unweighed(row.uncorrectedEcc, detail?.repairPending) : null;
}

function unweighed(uncorrectedEcc: number | null, repairPending: boolean | undefined): string | null {
  if (uncorrectedEcc !== null && uncorrectedEcc > 0)
    return `${uncorrectedEcc} uncorrected memory errors since the driver was loaded`;
  return repairPending === true ? "failed memory waits for a reset to be replaced" : null;
}

/**
 * The GPUs by the driver's files alone. Those that are excluded have no number
 * of the driver's, and come last.
 *
 * @param trouble what nvidia-smi said where it could not read them; null: nothing
 */
export function procStates(gpus: readonly ProcGpu[], trouble: string | null): readonly GpuState[] {
  const inOrder = gpus.toSorted((one, other) => Number(one.excluded) - Number(other.excluded));
  return inOrder.flatMap(({ uuid, pciBusId, minor, model, excluded }, index) => {
    if (uuid === null) return [];
    const unhealthy = excluded ? "its administrator has excluded it" : troubleOf(pciBusId, trouble);
    return [{ ...unmeasured, uuid, index, minor, pciBusId, model, unhealthy }];
  });
}

const oneGpu = /device handle for GPU ?(?:0000)?([0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-9a-f]): ?([^.(]+)/i;
/** The driver cannot be used by any program that starts now. */
const wholeDriver = /driver\/library version mismatch|couldn't communicate with the NVIDIA driver/i;

function troubleOf(pciBusId: string, trouble: string | null): string | null {
  const [, lostBusId, why] = oneGpu.exec(trouble ?? "") ?? [];
  if (lostBusId?.toLowerCase() === pciBusId) return why?.trim() ?? null;
  return trouble !== null && wholeDriver.test(trouble) ? trouble : null;
}
