import type { AppPolicy } from "../config/policy.ts";
import type { HoldReason } from "./decision.ts";
import type { AppSnapshot, Change, Settled } from "./snapshot.ts";

/** Why releasing this revision would change nothing, and what to do about it. */
export interface Leftover {
  readonly reason: Extract<HoldReason, "requires_pruning" | "never_in_sync">;
  readonly detail: string;
}

type State = Pick<AppSnapshot, "revision" | "change" | "track">;

/**
 * What keeps an application OutOfSync though a sync of its revision succeeds:
 * objects that only pruning would remove (argo-cd#273), or whatever else never
 * comes in sync (argo-cd#1487). null: a release may change something.
 */
export function leftoverOf({ prune }: Pick<AppPolicy, "prune">, state: State): Leftover | null {
  const { change } = state;
  const settled = settledNow(state);
  if (change && isOnlyPruning(change)) return prune && !settled?.pruned ? null : requiresPruning(change.objects, prune);
  if (!settled || (prune && wouldPruneNow(change, settled))) return null;
  const detail = `a sync of revision ${settled.revision} succeeded and it is healthy, but it is OutOfSync all the same`;
  return { reason: "never_in_sync", detail: `${detail}; approve this revision by name to have it synced again` };
}

/** All that this revision asks for is there, whether Argo CD calls it Synced or not. */
export function isConverged(state: State & Pick<AppSnapshot, "sync">): boolean {
  return state.sync === "Synced" || settledNow(state) !== null || isOnlyPruning(state.change);
}

function settledNow({ revision, track: { settled } }: State): Settled | null {
  return settled !== null && settled.revision === revision ? settled : null;
}

function isOnlyPruning(change: Change | null | undefined): boolean {
  return change ? change.objects > 0 && change.prunes === change.objects : false;
}

/** Pruning has been turned on since, and there is something for it. */
function wouldPruneNow(change: Change | null | undefined, { pruned }: Settled): boolean {
  return !pruned && (change?.prunes ?? 0) > 0;
}

function requiresPruning(objects: number, prune: boolean): Leftover {
  const what = `${objects} ${objects === 1 ? "object is" : "objects are"} no longer wanted and would have to be deleted`;
  const todo = prune ? "pruning has left them (sync option Prune=false?)" : "set prune: true, or delete them";
  return { reason: "requires_pruning", detail: `${what}; ${todo}` };
}
