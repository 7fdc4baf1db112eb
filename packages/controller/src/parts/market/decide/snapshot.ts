/** What an agent saw of one container in one window. */
export interface UsageSample {
  /** End of the window on the controller's monotonic clock. */
  readonly atMs: number;
  readonly usageMilli: number;
  /** Throttled periods over all periods, 0..1; null where no quota is enforced. */
  readonly throttledRatio: number | null;
  /** Time spent throttled, summed over run queues, in thousandths of a core. */
  readonly throttledMilli: number;
  /** Share of the window some task waited for CPU (PSI), 0..1; null where unknown. */
  readonly pressureRatio: number | null;
  /** The quota the kernel enforced; null without one. */
  readonly quotaMilli: number | null;
}

/** What is believed of a container's demand after all samples so far. */
export interface Demand {
  readonly sample: UsageSample;
  /** The CPU it would use now if nothing held it back. */
  readonly wantedMilli: number;
  /** When this container was first seen to run, on the controller's clock. */
  readonly sinceMs: number;
  /** The most it needed in the last hours, what throttled it included: a limit that is ample has room for it. */
  readonly surgeMilli: number;
  readonly surgeAtMs: number;
  /** The most it was seen to use lately: a peak that fades. */
  readonly peakMilli: number;
  readonly peakAtMs: number;
  /** The CPU it uses over time, waiting for the node included. */
  readonly meanMilli: number;
  /** Relative headroom that throttling has taught. */
  readonly margin: number;
  /** The last cut the kernel showed; null once it has stood the test. */
  readonly cut: { readonly fromMilli: number; readonly atMs: number } | null;
  /** Nothing shrinks before this moment. */
  readonly holdUntilMs: number;
}

/** One node's market as it stands; everything `decide` looks at. */
export interface NodeSnapshot {
  readonly node: string;
  /** The node's live allocatable CPU: what may be promised. */
  readonly allocatableMilli: number;
  /** All CPU of the node: what can be used. */
  readonly cpuMilli: number;
  /** What everybody else is measured to use; null: not known, and then nobody is rationed. */
  readonly othersMilli: number | null;
  /** Requests of pods the market does not manage. */
  readonly promisedMilli: number;
  /** Since when the node's CPU has not sufficed; null: it does. */
  readonly scarceSinceMs: number | null;
  readonly pods: readonly PodBidder[];
  /** Bidders beside those, whose part stands; none where all are decided. */
  readonly beside?: Beside;
}

/** Bidders that are not decided anew, added up. */
export interface Beside {
  readonly weight: number;
  /** The most that they would use. */
  readonly capMilli: number;
  /** What they are promised. */
  readonly requestMilli: number;
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
  /** ample: a ceiling, never below what was declared while there is room; tight: what follows use. */
  readonly limits: "ample" | "tight";
  readonly ready: boolean;
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
  /** What it asks for at its beginning, where that is less than was declared: it was sized when it was created. */
  readonly beginsMilli?: number;
  /** Its request stays as declared: somebody divides by it. */
  readonly keepsRequest?: boolean;
  /** Whether the last round has rationed it. */
  readonly rationed: boolean;
  /** What its workload's history asks as request now; null: nothing is known. */
  readonly habitMilli: number | null;
  /** undefined until the first sample. */
  readonly demand: Demand | undefined;
  /** Since when it is known to this controller; undefined: just now, or it was heard of. */
  readonly sinceMs?: number | undefined;
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
  /** What it may use of CPU that does not suffice for all; null: it is not rationed. */
  readonly rationMilli: number | null;
  readonly binding: Binding;
  /** Its headroom is half used up, or it is throttled: a raise cannot wait. */
  readonly pressed: boolean;
  /** The request is not the market's to change: exactly this, or no change. */
  readonly requestKept?: true;
}

/** What the market says of one node. */
export interface NodeDecision {
  readonly node: string;
  /** CPU that bidders may use. */
  readonly capacityMilli: number;
  readonly scarceSinceMs: number | null;
  readonly mode: "uncongested" | "congested" | "overloaded";
  /** What a container that is about to start may have as limit; null: no more than it has. */
  readonly startMilli: number | null;
  /** λ of the market for limits, 1/millicore. */
  readonly limitPrice: number;
  /** λ of the market for requests, 1/millicore. */
  readonly requestPrice: number;
  readonly targets: readonly Target[];
  /** New balances by pod UID. */
  readonly credits: ReadonlyMap<string, number>;
}
