import type { Usage } from "../../decide/snapshot.ts";

/** How full the cluster is, with what that was made of. */
export interface UsageReading extends Usage {
  /** For people: how many nodes, which were counted as full. */
  readonly detail: string;
}

/** Somebody who knows how full the cluster is. */
export interface UsageSource {
  readonly name: string;
  /** @throws Error naming what is missing */
  read(signal: AbortSignal): Promise<UsageReading> | UsageReading;
}
