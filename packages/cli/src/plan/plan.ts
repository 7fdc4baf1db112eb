import type { KubeTransport } from "@walras/kube";

import { type Amount, amountsOf, reasonOf } from "../cluster/amounts.ts";
import { marketOf, type MarketPod } from "../cluster/market.ts";
import { type Habits, habitsOf } from "../cluster/profiles.ts";

/** What the market would change of a pod, or has. */
export interface PlannedPod {
  readonly namespace: string;
  readonly pod: string;
  readonly node: string;
  readonly now: Amount;
  readonly proposed: Amount;
  /** Of the request, in millicores; null where one of both is not known. */
  readonly changeMilli: number | null;
  readonly habitMilli: number | null;
  /** How far the habit counts, 0 to 100; null: no habit is known. */
  readonly trustPercent: number | null;
  /** Recommended: told only. Otherwise how what was done stands. */
  readonly reason: string;
  readonly binding: string | null;
}

/** What the market would change, pod by pod and together. */
export interface Plan {
  readonly pods: readonly PlannedPod[];
  readonly sum: {
    readonly pods: number;
    /** Of requests, in millicores: of pods of which both are known. */
    readonly nowMilli: number;
    readonly proposedMilli: number;
    /** Pods of which too little is known to propose anything. */
    readonly unknown: number;
    /** Pods that run and are not on the market. */
    readonly notOnMarket: number;
  };
  /** WorkloadProfiles could be read. */
  readonly habitsKnown: boolean;
}

export interface PlanOptions {
  readonly namespace?: string;
}

/** Requests and limits as the market would have them, beside those that are enforced. @throws FieldError, ClusterError, KubeError */
export async function planOf(transport: KubeTransport, { namespace }: PlanOptions): Promise<Plan> {
  const { pods, managed } = await marketOf(transport, namespace);
  const habits = await habitsOf(transport, namespace);
  const planned = managed.map((one) => plannedPod(one, habits)).toSorted(byGain);
  const known = planned.filter(({ changeMilli }) => changeMilli !== null);
  return {
    pods: planned,
    sum: {
      pods: known.length,
      nowMilli: total(known.map(({ now }) => now.requestMilli)),
      proposedMilli: total(known.map(({ proposed }) => proposed.requestMilli)),
      unknown: planned.length - known.length,
      notOnMarket: pods.length - planned.length,
    },
    habitsKnown: habits !== null,
  };
}

/** What is held for want of telemetry is no proposal. */
function plannedPod({ pod, node, allocation }: MarketPod, habits: Habits | null): PlannedPod {
  const { namespace = "", name } = pod.metadata;
  const { enforced, desired } = amountsOf(allocation);
  const { binding = null } = allocation.status ?? {};
  const { requestMilli: habitMilli, trustPercent } = habits?.(pod) ?? noHabit;
  return {
    namespace,
    pod: name,
    node,
    now: enforced,
    proposed: desired,
    changeMilli: binding === "Held" || binding === null ? null : difference(desired, enforced),
    habitMilli,
    trustPercent,
    reason: reasonOf(allocation),
    binding,
  };
}

const noHabit = { requestMilli: null, trustPercent: null } as const;

/** Of requests; null where one of both is not known. */
function difference(one: Amount, other: Amount): number | null {
  return one.requestMilli === null || other.requestMilli === null ? null : one.requestMilli - other.requestMilli;
}

/** Who gives most back comes first, then who takes most, last those of which nothing is known. */
function byGain(one: PlannedPod, other: PlannedPod): number {
  const moved = size(other) - size(one);
  if (moved !== 0) return moved;
  return `${one.namespace}/${one.pod}` < `${other.namespace}/${other.pod}` ? -1 : 1;
}

function size({ changeMilli }: PlannedPod): number {
  return changeMilli === null ? -1 : Math.abs(changeMilli);
}

function total(values: readonly (number | null)[]): number {
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}
