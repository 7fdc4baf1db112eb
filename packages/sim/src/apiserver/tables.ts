import type { Clock } from "@walras/kit";

import type { ApiRequest } from "./exchange.ts";
import { type KubeObject, plainText } from "./objects/model.ts";
import type { PrinterColumn, ResourceType } from "./resources.ts";

/** Whether the caller asked for a Table, as kubectl get does. */
export function wantsTable({ accept = "" }: ApiRequest): boolean {
  return accept.includes("as=Table") && accept.includes("g=meta.k8s.io");
}

const ageOnly: readonly PrinterColumn[] = [
  { name: "Age", type: "date", read: ({ metadata }) => metadata.creationTimestamp },
];

const nameColumn: PrinterColumn = { name: "Name", type: "string", read: ({ metadata }) => metadata.name };

/** The meta.k8s.io/v1 Table of some objects of one kind. */
export function tableOf(
  type: ResourceType,
  objects: readonly KubeObject[],
  { metadata, clock }: { metadata: object; clock: Clock },
): object {
  const columns = [...(type.collection === "events" ? [] : [nameColumn]), ...(type.columns ?? ageOnly)];
  const columnDefinitions = columns.map(({ name, type: cellType, priority = 0 }) => {
    const format = name === "Name" ? "name" : "";
    return { name, type: cellType === "date" ? "string" : cellType, format, description: "", priority };
  });
  const rows = objects.map((object) => ({
    cells: columns.map((column) => cellOf(column, object, clock)),
    object: { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: object.metadata },
  }));
  return { kind: "Table", apiVersion: "meta.k8s.io/v1", metadata, columnDefinitions, rows };
}

function cellOf({ type, read }: PrinterColumn, object: KubeObject, clock: Clock): unknown {
  const value = read(object);
  if (type === "date") return ageOf(plainText(value), clock);
  if (value === undefined || value === null) return type === "string" ? "" : null;
  return type === "string" && typeof value !== "string" ? JSON.stringify(value) : value;
}

/** The time since `time` as kubectl writes it: 45s, 12m, 3h, 5d. */
function ageOf(time: string, clock: Clock): string {
  const seconds = Math.floor((clock.wallMs() - Date.parse(time)) / 1000);
  if (Number.isNaN(seconds)) return "<unknown>";
  if (seconds < 120) return `${Math.max(0, seconds)}s`;
  if (seconds < 3 * 3600) return `${Math.floor(seconds / 60)}m`;
  return seconds < 2 * 86_400 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
