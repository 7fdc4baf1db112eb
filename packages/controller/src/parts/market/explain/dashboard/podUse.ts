import type { PodState } from "../../../../base/cluster/pod.ts";
import { isFresh } from "../../decide/bid.ts";
import type { Demand } from "../../decide/snapshot.ts";
import type { MarketSight } from "./sight.ts";

/** What a pod, or a container, uses and how long it is stopped for; null: not known now. */
export interface Use {
  readonly usedMilli: number | null;
  readonly throttledMilli: number | null;
}

const unknown: Use = { usedMilli: null, throttledMilli: null };

export function containerUse(
  containerId: string,
  { book, policy, clock }: Pick<MarketSight, "book" | "policy" | "clock">,
): Use {
  const demand: Demand | undefined = book.now(containerId);
  if (!isFresh(demand, policy, clock.monotonicMs())) return unknown;
  const { usageMilli, throttledMilli } = demand.sample;
  return { usedMilli: usageMilli, throttledMilli };
}

/** One container that runs and is not known, and the pod is not. */
export function podUse({ containers }: PodState, sight: Pick<MarketSight, "book" | "policy" | "clock">): Use {
  const running = containers.filter(({ running: runs }) => runs);
  if (running.length === 0) return unknown;
  const uses = running.map(({ containerId }) => containerUse(containerId, sight));
  return {
    usedMilli: total(uses.map(({ usedMilli }) => usedMilli)),
    throttledMilli: total(uses.map((use) => use.throttledMilli)),
  };
}

/** null where one of them is not known. */
function total(values: readonly (number | null)[]): number | null {
  return values.reduce<number | null>((sum, value) => (sum === null || value === null ? null : sum + value), 0);
}
