import type { Taint, Term, Toleration } from "../schedule/terms.ts";
import type { SelectedDevice } from "./cel/values.ts";

/** A device of one node that a driver of DRA publishes. */
export interface PublishedDevice extends SelectedDevice {
  /** Driver, pool and name: by these it is allocated. */
  readonly id: string;
  readonly driver: string;
  readonly pool: string;
  readonly name: string;
  readonly node: string;
  /** Its own UUID first, then those of what it is a part of; empty: it is no GPU, as far as is known. */
  readonly uuids: readonly string[];
  readonly taints: readonly Taint[];
  /** Why it is not given to anybody; null: it can be. */
  readonly unsupported: string | null;
}

/** Devices that one request asks for. */
export interface DeviceRequest {
  /** As results name it: of an alternative `REQUEST/ALTERNATIVE`. */
  readonly name: string;
  readonly className: string;
  /** In CEL; all must select. */
  readonly selectors: readonly string[];
  /** null: all of the node that are selected. */
  readonly count: number | null;
  readonly tolerations: readonly Toleration[];
  /** As it was written, to be written again. */
  readonly rawTolerations: readonly object[];
}

/** The first of these that can be had. */
export type Alternatives = readonly DeviceRequest[];

/** All devices of some requests have the same value of an attribute, or all have different ones. */
export interface DeviceConstraint {
  /** Empty: all requests of the claim. */
  readonly requests: readonly string[];
  /** Domain and name, with a slash between. */
  readonly attribute: string;
  readonly distinct: boolean;
}

/** Parameters for a driver, which are handed on as they are. */
export interface DeviceConfig {
  readonly requests?: readonly string[];
  readonly opaque: object;
}

export interface DeviceClass {
  readonly uid: string;
  readonly namespace: "";
  readonly name: string;
  readonly selectors: readonly string[];
  readonly configs: readonly DeviceConfig[];
}

/** What a claim has got. */
interface Allocation {
  /** Ids of devices that nobody else may have. */
  readonly devices: readonly string[];
  /** Where they can be used; null: everywhere. */
  readonly terms: readonly Term[] | null;
}

/** A ResourceClaim as far as scheduling is concerned. */
export interface Claim {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
  readonly deleting: boolean;
  /** What of it this scheduler does not know; null: it knows all of it. */
  readonly unsupported: string | null;
  readonly requests: readonly Alternatives[];
  readonly constraints: readonly DeviceConstraint[];
  readonly configs: readonly DeviceConfig[];
  readonly finalizers: readonly string[];
  readonly allocation: Allocation | null;
  /** As it was written. */
  readonly reservedFor: readonly { readonly resource: string; readonly name: string; readonly uid: string }[];
}

/** A claim's device, and the request that it is for. */
export interface Granted {
  readonly request: DeviceRequest;
  readonly device: PublishedDevice;
}

/** What a claim is to get. */
export interface Grant {
  readonly claim: Claim;
  /** null: it is allocated already, and only used by one more pod. */
  readonly granted: readonly Granted[] | null;
}

/** More pods than that a claim is not used by, at once. */
export const mostReserved = 256;

export function claimKey({ namespace, name }: Pick<Claim, "namespace" | "name">): string {
  return `${namespace}/${name}`;
}

/** Ids of the devices that a claim has by it, or had already. */
export function devicesOf({ claim, granted }: Grant): readonly string[] {
  return granted ? granted.map(({ device }) => device.id) : (claim.allocation?.devices ?? []);
}
