import type { DashboardSlots } from "@walras/api";

import { type Grant, unfinishedByOwner } from "../decide/grants.ts";
import type { SlotJob } from "../decide/job.ts";
import type { SlotPolicy } from "../decide/policy.ts";
import type { Slot } from "../decide/slot.ts";
import type { Promised } from "./whyNone.ts";

/** Slots as they are now, and who has or wants them. */
export interface SlotsNow {
  readonly atMs: number;
  readonly slots: readonly Slot[];
  /** null: not known. */
  readonly allowed: number | null;
  readonly reason: string | null;
  readonly promised: Promised;
  readonly grants: readonly Grant[];
  readonly jobs: Iterable<SlotJob>;
  readonly stranded: number;
  readonly scaledJobs: Iterable<{ readonly namespace: string; readonly name: string; readonly external: boolean }>;
  readonly asked: (owner: string) => boolean;
}

/** More nodes than this are no list for people. */
const mostSlots = 5_000;
const mostOwners = 1_000;

/** Slots for the dashboard; ScaledJobs that ask some external scaler. */
export function slotsOf(now: SlotsNow, { cpuThreshold }: SlotPolicy): DashboardSlots {
  const { atMs, slots, allowed, reason, promised, stranded } = now;
  return {
    atMs,
    threshold: cpuThreshold,
    allowed,
    reason,
    promisedJobs: promised.jobs,
    promisedGrants: promised.grants,
    stranded,
    slots: slots
      .toSorted(freeFirst)
      .slice(0, mostSlots)
      .map(({ node, busyFraction, state, detail }) => ({
        node,
        used: busyFraction === null ? null : Math.min(1, Math.round(busyFraction * 1000) / 1000),
        state,
        detail,
      })),
    scaledJobs: ownersOf(now),
  };
}

function ownersOf({ scaledJobs, jobs, grants, asked }: SlotsNow): DashboardSlots["scaledJobs"] {
  const unfinished = unfinishedByOwner(jobs);
  const granted = Map.groupBy(grants, ({ owner }) => owner);
  const owners = [...scaledJobs].filter(({ external }) => external).slice(0, mostOwners);
  return owners.map(({ namespace, name }) => {
    const owner = `${namespace}/${name}`;
    return {
      namespace,
      name,
      unfinished: unfinished.get(owner) ?? 0,
      granted: granted.get(owner)?.length ?? 0,
      asked: asked(owner),
    };
  });
}

const order: readonly Slot["state"][] = ["free", "occupied", "busy", "unknown", "ineligible"];

function freeFirst(one: Slot, other: Slot): number {
  const states = order.indexOf(one.state) - order.indexOf(other.state);
  if (states !== 0) return states;
  return (one.busyFraction ?? 1) - (other.busyFraction ?? 1) || (one.node < other.node ? -1 : 1);
}
