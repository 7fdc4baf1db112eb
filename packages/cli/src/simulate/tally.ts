import { managedLabel } from "@walras/api";
import { parseCpu } from "@walras/kit";
import type { SimCluster } from "@walras/sim";

/** What was counted second by second. */
export interface Tallied {
  /** Requests of pods on the market, in cores, on average. */
  readonly promisedCores: number;
  /** Seconds in which pods were rationed, summed over pods. */
  readonly rationedSeconds: number;
  /** Resizes that the API server took. */
  readonly resizes: number;
}

interface Pod {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>>; readonly namespace?: string };
  readonly spec?: {
    readonly containers?: readonly { readonly resources?: { readonly requests?: { readonly cpu?: string } } }[];
  };
}

interface Allocation {
  readonly status?: { readonly rationCPU?: string };
}

const allocations = "podallocations.allocation.mbcas.io";

/** Counts what is promised and rationed on an embedded cluster. */
export class Tally {
  readonly #cluster: SimCluster;
  #seconds = 0;
  #promisedMilliSeconds = 0;
  #rationedSeconds = 0;
  #resizes = 0;

  constructor(cluster: SimCluster) {
    this.#cluster = cluster;
    cluster.api.store.onChange(({ type, collection, object, previous }) => {
      if (type === "MODIFIED" && collection === "pods" && previous && isResized(object, previous)) this.#resizes += 1;
    });
  }

  second(): void {
    this.#seconds += 1;
    const { store } = this.#cluster.api;
    for (const object of store.all("pods")) this.#promisedMilliSeconds += this.#requestOf(object);
    for (const object of store.all(allocations))
      if ((object as Allocation).status?.rationCPU !== undefined) this.#rationedSeconds += 1;
  }

  sums(): Tallied {
    const seconds = Math.max(1, this.#seconds);
    return {
      promisedCores: this.#promisedMilliSeconds / seconds / 1000,
      rationedSeconds: this.#rationedSeconds,
      resizes: this.#resizes,
    };
  }

  /** 0 of pods that are not on the market: nobody would change them. */
  #requestOf(object: Pod): number {
    const own = object.metadata.labels?.[managedLabel] ?? this.#labelOf(object.metadata.namespace ?? "");
    return own === "true" ? requestMilli(object) : 0;
  }

  #labelOf(namespace: string): string | undefined {
    return this.#cluster.api.store.get("namespaces", "", namespace)?.metadata.labels?.[managedLabel];
  }
}

function requestMilli({ spec }: Pod): number {
  return (spec?.containers ?? []).reduce(
    (sum, { resources }) => sum + parseCpu(resources?.requests?.cpu ?? "0", "requests.cpu"),
    0,
  );
}

function isResized(now: Pod, before: Pod): boolean {
  return JSON.stringify(now.spec?.containers) !== JSON.stringify(before.spec?.containers);
}
