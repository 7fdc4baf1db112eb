import type {
  Alternatives,
  Claim,
  DeviceClass,
  DeviceConfig,
  DeviceConstraint,
  DeviceRequest,
} from "../../decide/claims/claim.ts";
import type { Term, Toleration } from "../../decide/schedule/terms.ts";
import { termOf, tolerationOf } from "../cluster/constraints.ts";

interface RawSelector {
  readonly cel?: { readonly expression?: string };
}

/** An `exactly`, and an alternative of `firstAvailable`. */
interface RawRequest {
  readonly name?: string;
  readonly deviceClassName?: string;
  readonly selectors?: readonly RawSelector[];
  readonly allocationMode?: string;
  readonly count?: number;
  readonly adminAccess?: boolean;
  readonly capacity?: object;
  readonly tolerations?: readonly object[];
}

interface RawConfig {
  readonly requests?: readonly string[];
  readonly opaque?: object;
}

interface RawConstraint {
  readonly requests?: readonly string[];
  readonly matchAttribute?: string;
  readonly distinctAttribute?: string;
}

interface RawDevices {
  readonly requests?: readonly {
    readonly name: string;
    readonly exactly?: RawRequest;
    readonly firstAvailable?: readonly RawRequest[];
  }[];
  readonly constraints?: readonly RawConstraint[];
  readonly config?: readonly RawConfig[];
}

interface RawResult {
  readonly driver: string;
  readonly pool: string;
  readonly device: string;
  readonly adminAccess?: boolean;
  readonly shareID?: string;
}

interface RawClaim {
  readonly metadata: {
    readonly uid: string;
    readonly namespace: string;
    readonly name: string;
    readonly resourceVersion: string;
    readonly deletionTimestamp?: string;
    readonly finalizers?: readonly string[];
  };
  readonly spec?: { readonly devices?: RawDevices };
  readonly status?: {
    readonly allocation?: {
      readonly devices?: { readonly results?: readonly RawResult[] };
      readonly nodeSelector?: { readonly nodeSelectorTerms?: Parameters<typeof termOf>[0][] };
    };
    readonly reservedFor?: Claim["reservedFor"];
  };
}

/** A ResourceClaim trimmed. */
export function toClaim(raw: unknown): Claim {
  const { metadata, spec = {}, status = {} } = raw as RawClaim;
  const { uid, namespace, name, resourceVersion, deletionTimestamp, finalizers = [] } = metadata;
  return {
    uid,
    namespace,
    name,
    version: resourceVersion,
    deleting: deletionTimestamp !== undefined,
    unsupported: unsupportedOf(spec.devices ?? {}),
    ...askedBy(spec.devices ?? {}),
    finalizers,
    allocation: allocationOf(status),
    reservedFor: status.reservedFor ?? [],
  };
}

function askedBy({
  requests = [],
  constraints = [],
  config = [],
}: RawDevices): Pick<Claim, "requests" | "constraints" | "configs"> {
  return {
    requests: requests.map(({ name, exactly, firstAvailable = [] }): Alternatives =>
      exactly ? [toRequest(name, exactly)] : firstAvailable.map((one) => toRequest(`${name}/${one.name ?? ""}`, one)),
    ),
    constraints: constraints.map(toConstraint),
    configs: configsOf(config),
  };
}

function toRequest(name: string, raw: RawRequest): DeviceRequest {
  const { deviceClassName = "", selectors, allocationMode, count = 1, tolerations = [] } = raw;
  return {
    name,
    className: deviceClassName,
    selectors: expressionsOf(selectors),
    count: allocationMode === "All" ? null : count,
    tolerations: tolerations.map((one): Toleration => tolerationOf(one)),
    rawTolerations: tolerations,
  };
}

function toConstraint({ requests = [], matchAttribute, distinctAttribute }: RawConstraint): DeviceConstraint {
  return {
    requests,
    attribute: matchAttribute ?? distinctAttribute ?? "",
    distinct: matchAttribute === undefined,
  };
}

function unsupportedOf({ requests = [], config = [], constraints = [] }: RawDevices): string | null {
  const asked = requests.flatMap(({ exactly, firstAvailable = [] }) => (exactly ? [exactly] : firstAvailable));
  const modes = new Set(["", "ExactCount", "All"]);
  const unknown = asked.find(({ allocationMode = "" }) => !modes.has(allocationMode));
  if (unknown) return `allocationMode ${unknown.allocationMode}`;
  if (asked.some(({ adminAccess }) => adminAccess)) return "adminAccess";
  if (asked.some(({ capacity }) => capacity)) return "a part of a device's capacity";
  if (requests.some(({ exactly, firstAvailable }) => !exactly && !firstAvailable)) return "a request of no known kind";
  if (constraints.some(({ matchAttribute, distinctAttribute }) => !matchAttribute && !distinctAttribute))
    return "a constraint of no known kind";
  return config.some(({ opaque }) => !opaque) ? "a configuration of no known kind" : null;
}

function allocationOf({ allocation }: NonNullable<RawClaim["status"]>): Claim["allocation"] {
  if (!allocation) return null;
  const { devices = {}, nodeSelector } = allocation;
  // With administrator's access a device is looked at, and stays whose it is.
  const own = (devices.results ?? []).filter(({ adminAccess }) => adminAccess !== true);
  return {
    devices: own.map(({ driver, pool, device }) => `${driver}/${pool}/${device}`),
    terms: nodeSelector ? (nodeSelector.nodeSelectorTerms ?? []).map((term): Term => termOf(term)) : null,
  };
}

function configsOf(config: readonly RawConfig[]): DeviceConfig[] {
  return config.flatMap(({ requests, opaque }) => (opaque ? [{ ...(requests ? { requests } : {}), opaque }] : []));
}

function expressionsOf(selectors: readonly RawSelector[] = []): string[] {
  // One that is no expression is not understood.
  return selectors.map(({ cel }) => cel?.expression ?? "");
}

/** A DeviceClass trimmed. */
export function toDeviceClass(raw: unknown): DeviceClass {
  const { metadata = {}, spec = {} } = raw as {
    readonly metadata?: { readonly uid?: string; readonly name?: string };
    readonly spec?: { readonly selectors?: readonly RawSelector[]; readonly config?: readonly RawConfig[] };
  };
  return {
    uid: metadata.uid ?? "",
    namespace: "",
    name: metadata.name ?? "",
    selectors: expressionsOf(spec.selectors),
    configs: configsOf(spec.config ?? []),
  };
}
