import { decide } from "./decide.ts";
import type { MarketPolicy } from "./policy.ts";
import type { Beside, NodeDecision, NodeSnapshot } from "./snapshot.ts";

/**
 * Decides some of a node's bidders, where there is room for all: then nobody's part depends on another's.
 *
 * @returns what deciding all would give them; null where there may not be room, and all are to be decided. Balances are not settled:
 *   the next round that decides all settles for this time too
 */
export function decidePart(
  snapshot: NodeSnapshot & { readonly beside: Beside },
  policy: MarketPolicy,
  nowMs: number,
): NodeDecision | null {
  const decision = decide(snapshot, policy, { nowMs, elapsedSeconds: 0 });
  const { mode, requestPrice, startMilli } = decision;
  const isUsedUp = snapshot.othersMilli !== null && startMilli === null;
  return mode === "uncongested" && requestPrice === 0 && !isUsedUp ? decision : null;
}
