import type { Complain, Finding } from "./finding.ts";

interface Entry {
  readonly podIndex?: unknown;
  readonly nodeName?: unknown;
  readonly gpuDevices?: unknown;
  readonly share?: unknown;
}

/** A scheduling map, and where it stands. */
interface Located {
  readonly field: string;
  readonly entries: readonly Entry[];
}

/** Every `schedulingMap` below a value. */
function mapsIn(value: unknown, field: string): readonly Located[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => mapsIn(item, `${field}[${index}]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const at = field === "" ? key : `${field}.${key}`;
    return key === "schedulingMap" && Array.isArray(member)
      ? [{ field: at, entries: member as Entry[] }]
      : mapsIn(member, at);
  });
}

/**
 * What is wrong with the maps of a file.
 *
 * @param nodes names and logical names that there are; null: not known, and not checked
 */
export function checkMaps(object: unknown, nodes: ReadonlySet<string> | null, complain: Complain): readonly Finding[] {
  return mapsIn(object, "").flatMap(({ field, entries }) => [
    ...entries.flatMap((entry, index) => checkEntry(entry, `${field}[${index}]`, nodes, complain)),
    ...checkTogether(entries, field, complain),
  ]);
}

function checkEntry(
  { podIndex, nodeName, gpuDevices }: Entry,
  field: string,
  nodes: ReadonlySet<string> | null,
  complain: Complain,
): readonly Finding[] {
  const isIndex = Number.isInteger(podIndex) && (podIndex as number) >= 0;
  const isNode = typeof nodeName === "string" && nodeName !== "";
  const numbers = numbersOf(gpuDevices);
  return [
    ...(isIndex ? [] : [complain(`${field}.podIndex`, podIndex, "is not a whole number from 0")]),
    ...(isNode ? [] : [complain(`${field}.nodeName`, nodeName, "is no name")]),
    ...(isNode && nodes && !nodes.has(nodeName) ? [complain(`${field}.nodeName`, nodeName, nodeComplaint(nodes))] : []),
    ...(numbers === null
      ? [complain(`${field}.gpuDevices`, gpuDevices, 'is not a list of GPU numbers such as "0,1"')]
      : []),
    ...(numbers && new Set(numbers).size < numbers.length
      ? [complain(`${field}.gpuDevices`, gpuDevices, "names a GPU twice")]
      : []),
  ];
}

function nodeComplaint(nodes: ReadonlySet<string>): string {
  return `is neither a node nor the gpu-node-name of one; there are ${[...nodes].toSorted().slice(0, 20).join(", ")}`;
}

function checkTogether(entries: readonly Entry[], field: string, complain: Complain): readonly Finding[] {
  const indexes = new Map<unknown, number>();
  const owners = new Map<string, { readonly index: number; readonly share: unknown }>();
  return entries.flatMap(({ podIndex, nodeName, gpuDevices, share }, index) => {
    const before = indexes.get(podIndex);
    indexes.set(podIndex, before ?? index);
    const twice =
      before === undefined
        ? []
        : [complain(`${field}[${index}].podIndex`, podIndex, `stands in entry ${before} already`)];
    const booked = [...new Set(numbersOf(gpuDevices) ?? [])].flatMap((gpu) => {
      const key = `${String(nodeName)}:${gpu}`;
      const owner = owners.get(key);
      owners.set(key, owner ?? { index, share });
      const isShared = owner === undefined || (share !== undefined && share === owner.share);
      return isShared
        ? []
        : [
            complain(
              `${field}[${index}].gpuDevices`,
              gpuDevices,
              `has GPU ${gpu} of ${String(nodeName)}, as entry ${owner.index} has; give both the same share, if that is meant`,
            ),
          ];
    });
    return [...twice, ...booked];
  });
}

function numbersOf(value: unknown): readonly number[] | null {
  const parts = String(value)
    .split(",")
    .map((part) => part.trim());
  return parts.every((part) => /^\d{1,4}$/.test(part)) ? parts.map(Number) : null;
}
