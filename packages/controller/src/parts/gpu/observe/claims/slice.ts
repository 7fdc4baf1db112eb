import { parseQuantity } from "@walras/kit";

import { Quantity, type Scalar, type Values, Version } from "../../decide/claims/cel/values.ts";
import type { PublishedDevice } from "../../decide/claims/claim.ts";
import type { Taint } from "../../decide/schedule/terms.ts";

/** A ResourceSlice trimmed. */
export interface Slice {
  readonly uid: string;
  readonly namespace: "";
  readonly name: string;
  /** Driver and pool. */
  readonly pool: string;
  readonly generation: number;
  /** How many slices a whole pool has. */
  readonly slices: number;
  readonly devices: readonly PublishedDevice[];
}

interface RawAttribute {
  readonly string?: string;
  readonly int?: number;
  readonly bool?: boolean;
  readonly version?: string;
}

interface RawDevice {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, RawAttribute>>;
  readonly capacity?: Readonly<Record<string, { readonly value: string }>>;
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  readonly [field: string]: unknown;
}

/** As the API server has seen that it is. */
interface RawSlice {
  readonly metadata: { readonly uid: string; readonly name: string };
  readonly spec: {
    readonly driver: string;
    readonly pool: { readonly name: string; readonly generation: number; readonly resourceSliceCount: number };
    readonly nodeName?: string;
    readonly devices?: readonly RawDevice[];
  };
}

/** What a device may have that is not known here: it would be given wrongly. */
const unknownFields: Readonly<Record<string, string>> = {
  consumesCounters: "it is a part of others",
  allowMultipleAllocations: "several claims may have it",
  bindingConditions: "it has to be made ready",
  bindsToNode: "it has to be made ready",
};

/** GPUs are known by these, in the driver's own domain: NVIDIA's calls a MIG device's GPU its parent. */
const uuidNames = ["uuid", "parentUUID"];

/** @throws FieldError when a quantity cannot be read */
export function toSlice(raw: unknown): Slice {
  const { metadata, spec } = raw as RawSlice;
  const { driver, pool, nodeName = "", devices = [] } = spec;
  const of = { driver, pool: pool.name, node: nodeName, slice: metadata.name };
  return {
    uid: metadata.uid,
    namespace: "",
    name: metadata.name,
    pool: `${driver}/${pool.name}`,
    generation: pool.generation,
    slices: pool.resourceSliceCount,
    // Devices that are not of one node are not known here.
    devices: nodeName === "" ? [] : devices.map((device) => toDevice(device, of)),
  };
}

interface Whose {
  readonly driver: string;
  readonly pool: string;
  readonly node: string;
  readonly slice: string;
}

function toDevice(device: RawDevice, { driver, pool, node, slice }: Whose): PublishedDevice {
  const { name, attributes = {}, capacity = {}, taints = [] } = device;
  const origin = `resourceslice ${slice}.${name}`;
  const unknown = Object.entries(unknownFields).find(([field]) => isSet(device[field]));
  return {
    id: `${driver}/${pool}/${name}`,
    driver,
    pool,
    name,
    node,
    uuids: uuidNames.flatMap((key) => attributes[key]?.string ?? attributes[`${driver}/${key}`]?.string ?? []),
    attributes: byDomain(driver, attributes, scalarOf),
    capacity: byDomain(driver, capacity, ({ value }) => new Quantity(parseQuantity(value, `${origin}.capacity`))),
    taints: taints.map(({ key, value = "", effect }): Taint => ({ key, value, effect })),
    unsupported: unknown?.[1] ?? null,
  };
}

function isSet(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
}

/** A name without a domain is of the driver's. */
function byDomain<Raw>(
  driver: string,
  raw: Readonly<Record<string, Raw>>,
  read: (one: Raw) => Scalar | undefined,
): ReadonlyMap<string, Values> {
  const domains = new Map<string, Map<string, Scalar>>();
  for (const [key, one] of Object.entries(raw)) {
    const [domain, name] = key.includes("/") ? (key.split("/", 2) as [string, string]) : [driver, key];
    const value = read(one);
    if (value !== undefined) domains.set(domain, (domains.get(domain) ?? new Map<string, Scalar>()).set(name, value));
  }
  return domains;
}

/** The API server has seen that a version is one. */
function scalarOf({ string, int, bool, version }: RawAttribute): Scalar | undefined {
  return string ?? int ?? bool ?? (version === undefined ? undefined : Version.read(version));
}
