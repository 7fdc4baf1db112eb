import { ascending } from "../states.ts";
import { instanceSlot } from "../mig/slot.ts";
import type { MapCondition, MapEntry, SchedulingMap } from "./entry.ts";

interface Fields {
  readonly podIndex: unknown;
  readonly nodeName: unknown;
  readonly gpuDevices: unknown;
  readonly share?: unknown;
}

/** What is wrong with one field of an entry. */
class Complaint extends Error {}

const fieldNames = new Set(["podIndex", "nodeName", "gpuDevices", "share"]);
const mostPods = 1_000_000;

/** A list of `{podIndex, nodeName, gpuDevices: "0,1", share}`. What is wrong with an entry is said of that entry. */
export function readMapList(list: readonly unknown[]): SchedulingMap {
  return collect(list, (raw) => {
    if (typeof raw !== "object" || raw === null || Array.isArray(raw)) throw new Complaint(`${shown(raw)} is no entry`);
    const unknown = Object.keys(raw).find((key) => !fieldNames.has(key));
    if (unknown !== undefined) throw new Complaint(`${unknown} is not a field of an entry`);
    return raw as Fields;
  });
}

/** Blanks are looked at from their first only: else a tenant's 100,000 of them would take a minute. */
const parting = /[\n;]|(?<!\s)\s+(?=\d+=)/;

/** The annotation's form: `0=node1:0,1` or `0=node1:0,1@share`, parted by lines, semicolons or blanks. */
export function readMapText(text: string): SchedulingMap {
  const lines = text.split(parting).map((line) => line.trim());
  return collect(
    lines.filter((line) => line !== "" && !line.startsWith("#")),
    (line) => {
      const { podIndex, nodeName, gpuDevices, share } =
        /^(?<podIndex>[^=]*)=(?<nodeName>[^:=@]*):(?<gpuDevices>[^=@]*)(?:@(?<share>.*))?$/.exec(line)?.groups ?? {};
      if (podIndex === undefined) throw new Complaint(`${shown(line)} is not of the form 0=node1:0,1`);
      return { podIndex: podIndex.trim(), nodeName: nodeName?.trim(), gpuDevices, share: share?.trim() };
    },
  );
}

function collect<Raw>(list: readonly Raw[], fieldsOf: (raw: Raw) => Fields): SchedulingMap {
  const entries: MapEntry[] = [];
  const malformed: MapCondition[] = [];
  list.forEach((raw, entry) => {
    let podIndex: number | null = null;
    try {
      const fields = fieldsOf(raw);
      podIndex = indexOf(fields.podIndex);
      entries.push({ entry, podIndex, ...placeOf(fields) });
    } catch (error) {
      if (!(error instanceof Complaint)) throw error;
      malformed.push({ type: "Malformed", entry, podIndex, message: error.message });
    }
  });
  return { entries, malformed };
}

function placeOf({ nodeName, gpuDevices, share }: Fields): Pick<MapEntry, "node" | "gpus" | "share"> {
  if (typeof nodeName !== "string" || nodeName === "") throw new Complaint(`nodeName: ${shown(nodeName)} is no name`);
  if (share !== undefined && (typeof share !== "string" || share === ""))
    throw new Complaint(`share: ${shown(share)} is no name`);
  return { node: nodeName, gpus: devicesOf(gpuDevices), share: share ?? null };
}

function indexOf(value: unknown): number {
  const index = typeof value === "string" && /^\d{1,7}$/.test(value) ? Number(value) : value;
  if (typeof index !== "number" || !Number.isInteger(index) || index < 0 || index > mostPods)
    throw new Complaint(`podIndex: ${shown(value)} is not a whole number from 0 to ${mostPods}`);
  return index;
}

/** YAML reads `gpuDevices: 2` as a number. */
function devicesOf(value: unknown): number[] {
  const text = typeof value === "number" ? String(value) : value;
  const parts = typeof text === "string" ? text.split(",").map((part) => part.trim()) : [];
  if (parts.length === 0 || parts.some((part) => !/^\d{1,4}(:\d{1,2})?$/.test(part)))
    throw new Complaint(`gpuDevices: ${shown(value)} is not a list of GPU numbers such as "0,1"`);
  const gpus = parts.map(slotIn).toSorted(ascending);
  if (new Set(gpus).size < gpus.length) throw new Complaint(`gpuDevices: ${shown(value)} names a GPU twice`);
  return gpus;
}

/** "2" is a GPU, "2:0" the first MIG instance of it. */
function slotIn(part: string): number {
  const [gpu = 0, instance] = part.split(":").map(Number);
  return instance === undefined ? gpu : instanceSlot(gpu, instance);
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
