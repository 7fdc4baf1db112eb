import type { AppPolicy, ReleasePolicy } from "../config/policy.ts";
import type { BudgetLedger } from "./budgets.ts";
import type { AppDecision } from "./decision.ts";
import { probeAfterFailures } from "./gates.ts";
import { hold, type Hold, number } from "./hold.ts";
import { pack, type PackItem } from "./pack.ts";
import { weightOf, worth } from "./score.ts";
import type { AppSnapshot } from "./snapshot.ts";

/** An application that nothing but the others keeps from being released. */
export interface Contender extends AppDecision {
  readonly app: AppPolicy;
  readonly state: AppSnapshot;
}

/** What is free now. */
export interface Room {
  /** Rmax less what is in flight. */
  readonly free: number;
  /** Releases that may still be started. */
  readonly slots: number;
  /** Why there are no more. */
  readonly full: string;
  /** A half-open application is being probed. */
  readonly probing: boolean;
  /** What is in flight has been taken from it. */
  readonly budgets: BudgetLedger;
}

export interface Choice {
  /** Best first. */
  readonly chosen: readonly Contender[];
  /** By name: why not. */
  readonly left: ReadonlyMap<string, Hold>;
  readonly exact: boolean;
}

type Context = { readonly policy: ReleasePolicy; readonly nowMs: number };

/**
 * The most valuable contenders that fit, after what has starved. Exact but for
 * budgets: who takes too much of one together with his betters is left out,
 * and the others are chosen from anew until all budgets are kept.
 */
export function choose(contenders: readonly Contender[], room: Room, context: Context): Choice {
  const left = new Map<string, Hold>();
  let competing = withinBudgets(withoutProbes(contenders, room, left), room, left);
  let exact = true;
  for (;;) {
    const choice = chooseFreely(competing, room, context);
    const spared = overBudget(choice, room);
    if (spared.size === 0) return { ...choice, exact: exact && choice.exact, left: new Map([...choice.left, ...left]) };
    for (const [name, why] of spared) left.set(name, why);
    competing = competing.filter(({ name }) => !spared.has(name));
    exact = false;
  }
}

/** Whom a budget has nothing left for, whatever the others do. */
function withinBudgets(contenders: readonly Contender[], { budgets }: Room, left: Map<string, Hold>): Contender[] {
  return contenders.filter((one) => {
    const why = budgets.refusal(one);
    if (why) left.set(one.name, why);
    return why === null;
  });
}

/** Of what is chosen, best first after what has starved, that for which a budget has nothing left. */
function overBudget({ chosen, forced }: FreeChoice, { budgets }: Room): ReadonlyMap<string, Hold> {
  const ledger = budgets.copy();
  const refused = new Map<string, Hold>();
  for (const one of [...forced, ...chosen.filter((other) => !forced.includes(other))]) {
    const why = ledger.refusal(one);
    if (why) refused.set(one.name, why);
    else ledger.take(one);
  }
  return refused;
}

type FreeChoice = Choice & { readonly forced: readonly Contender[] };

/** As if there were no budgets. */
function chooseFreely(competing: readonly Contender[], room: Room, context: Context): FreeChoice {
  const left = new Map<string, Hold>();
  const starving = starvingOf(competing, context);
  const { forced, rest, reserved } = makeWay(starving, room);
  const capacity = weightOf(Math.max(0, rest.free - reserved));
  const others = competing.filter((one) => one !== starving);
  const { chosen, exact } = pack(others.map(toItem), capacity, rest.slots);
  const names = new Set([...forced.map(({ name }) => name), ...chosen.map(({ id }) => id)]);
  for (const one of competing) {
    if (names.has(one.name)) continue;
    left.set(one.name, whyNot(one, { room, starving: reserved > 0 ? starving : undefined }));
  }
  return { chosen: competing.filter(({ name }) => names.has(name)).toSorted(byScore), forced, left, exact };
}

/** Of those that failed again and again one at a time is tried: the best. */
function withoutProbes(contenders: readonly Contender[], { probing }: Room, left: Map<string, Hold>): Contender[] {
  const isProbe = ({ state }: Contender): boolean => state.track.failedAtMs.length >= probeAfterFailures;
  const probe = probing ? undefined : contenders.filter(isProbe).toSorted(byScore)[0];
  return contenders.filter((one) => {
    if (!isProbe(one) || one === probe) return true;
    left.set(one.name, hold("backing_off", "another application that kept failing is being tried first"));
    return false;
  });
}

/** The one that has waited longest beyond patience. */
function starvingOf(contenders: readonly Contender[], { policy, nowMs }: Context): Contender | undefined {
  const since = ({ state }: Contender): number => state.pendingSinceMs ?? nowMs;
  return contenders
    .filter((one) => nowMs - since(one) >= policy.starvationMs)
    .toSorted((one, other) => since(one) - since(other) || byScore(one, other))[0];
}

/** The starving one goes first if it fits; if not, its room is kept free until it does. */
function makeWay(starving: Contender | undefined, room: Room): { forced: Contender[]; rest: Room; reserved: number } {
  if (!starving) return { forced: [], rest: room, reserved: 0 };
  if (room.slots <= 0 || weightOf(starving.r) > weightOf(room.free))
    return { forced: [], rest: room, reserved: starving.r };
  return { forced: [starving], rest: { ...room, free: room.free - starving.r, slots: room.slots - 1 }, reserved: 0 };
}

function toItem(contender: Contender): PackItem {
  return { id: contender.name, value: worth(contender.score), weight: weightOf(contender.r) };
}

function whyNot(one: Contender, { room, starving }: { room: Room; starving: Contender | undefined }): Hold {
  if (starving && one !== starving)
    return hold("reserved_for_starving", `room is kept for ${starving.name}, which has waited longest`);
  if (room.slots <= 0) return hold("no_room_now", room.full);
  if (weightOf(one.r) > weightOf(room.free))
    return hold("no_room_now", `needs ${number(one.r)}, ${number(room.free)} of Rmax is free`);
  return hold("no_room_now", "what is released now is worth more together");
}

/** Best first, then by name. */
function byScore(one: AppDecision, other: AppDecision): number {
  return worth(other.score) - worth(one.score) || (one.name < other.name ? -1 : 1);
}
