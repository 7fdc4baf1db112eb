import type { Demand } from "./demand.ts";

/** One node's market as it stands; everything `decide` looks at. */
export interface NodeSnapshot {
  readonly node: string;
  /** The node's live allocatable CPU. */
  readonly allocatableMilli: number;
  /** Requests of pods the market does not manage. */
  readonly unmanagedMilli: number;
  readonly pods: readonly PodBidder[];
}

/** A managed pod: the owner of weight, bounds and credit. */
export interface PodBidder {
  readonly uid: string;
  readonly weight: number;
  /** Bounds on the pod's limit; null where the owner set none. */
  readonly minMilli: number | null;
  readonly maxMilli: number | null;
  /** Balance in millicore-seconds. */
  readonly credit: number;
  readonly qos: "Guaranteed" | "Burstable";
  /** Burstable only by CPU: requests may not meet limits in every container. */
  readonly keepBelowLimit: boolean;
  /** Limits stay as they are: the pod's mode changes requests only. */
  readonly requestsOnly: boolean;
  readonly containers: readonly ContainerBidder[];
}

export interface ContainerBidder {
  readonly name: string;
  /** As admitted on the node now. */
  readonly requestMilli: number;
  /** null: it has no limit and is never given one. */
  readonly limitMilli: number | null;
  /** What its owner declared; the request is its entitlement. */
  readonly declaredRequestMilli: number;
  readonly declaredLimitMilli: number | null;
  /** undefined until the first sample. */
  readonly demand: Demand | undefined;
}

/** Why a container gets this much and not more. */
export type Binding = "Need" | "Capacity" | "Floor" | "MinCpu" | "MaxCpu" | "Held";

/** What one container should have. */
export interface Target {
  readonly podUid: string;
  readonly container: string;
  readonly requestMilli: number;
  /** null: it has no limit. */
  readonly limitMilli: number | null;
  readonly bid: { readonly weight: number; readonly floorMilli: number; readonly capMilli: number };
  readonly binding: Binding;
  /** Its headroom is half used up, or it is throttled: a raise cannot wait. */
  readonly pressed: boolean;
}

/** What the market says of one node. */
export interface NodeDecision {
  readonly node: string;
  readonly capacityMilli: number;
  readonly mode: "uncongested" | "congested" | "overloaded";
  /** λ of the market for limits, 1/millicore. */
  readonly limitPrice: number;
  /** λ of the market for requests, 1/millicore. */
  readonly requestPrice: number;
  readonly targets: readonly Target[];
  /** New balances by pod UID. */
  readonly credits: ReadonlyMap<string, number>;
}
