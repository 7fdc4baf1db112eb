import type { KubeTransport } from "@walras/kube";

import { amountsOf } from "../cluster/amounts.ts";
import { marketOf, type MarketPod } from "../cluster/market.ts";
import { declaredMilliOf, type Pod } from "../cluster/objects.ts";
import { type Habits, habitsOf } from "../cluster/profiles.ts";

/** Cores and money of one namespace, or of all together. */
export interface Saving {
  readonly namespace: string;
  /** Pods on the market of which enough is known. */
  readonly pods: number;
  /** Their declared requests, in millicores. */
  readonly declaredMilli: number;
  /** What they request now. */
  readonly askedMilli: number;
  /** What they would request by the market. */
  readonly recommendedMilli: number;
  /** Given back by now: declared less asked. Below 0 they ask for more than was declared. */
  readonly savedMilli: number;
  /** Of declared less recommended, what workloads of known habit give; null: no habit is known to this command. */
  readonly habitMilli: number | null;
  /** All of declared less recommended. */
  readonly allMilli: number;
  /** A month's, by the price of a core-hour. */
  readonly savedMoney: number;
  readonly habitMoney: number | null;
  readonly allMoney: number;
  /** Pods on the market that count in nothing: held for want of telemetry, or nothing was said of them yet. */
  readonly unknownPods: number;
  /** Pods that are not on the market, with what they declared. */
  readonly otherPods: number;
  readonly otherMilli: number;
}

/** What was declared and is not needed, by namespace. */
export interface Savings {
  /** Of a core-hour. */
  readonly price: number;
  readonly hoursAMonth: number;
  readonly namespaces: readonly Saving[];
  readonly sum: Saving;
  /** What these numbers do not say. */
  readonly notKnown: readonly string[];
}

export interface SavingsOptions {
  readonly namespace?: string;
  /** Of a core-hour, in any money. */
  readonly price: number;
}

/** 365.25 days over 12. */
const hoursAMonth = 730.5;
/** A habit that counts for half, as against what was declared. */
const leastTrustPercent = 50;

/** Declared requests against what is asked and recommended. @throws FieldError, ClusterError, KubeError */
export async function savingsOf(transport: KubeTransport, { namespace, price }: SavingsOptions): Promise<Savings> {
  const { pods, managed } = await marketOf(transport, namespace);
  const habits = await habitsOf(transport, namespace);
  const onMarket = new Set(managed.map(({ pod }) => pod));
  const others = pods.filter((pod) => !onMarket.has(pod));
  const ask = { price, habits };
  const names = new Set(pods.map(({ metadata }) => metadata.namespace ?? ""));
  const of = (name: string, isIt: (pod: Pod) => boolean): Saving =>
    savingOf(
      name,
      managed.filter(({ pod }) => isIt(pod)),
      others.filter(isIt),
      ask,
    );
  const namespaces = [...names]
    .map((name) => of(name, ({ metadata }) => metadata.namespace === name))
    .toSorted((one, other) => other.allMilli - one.allMilli || (one.namespace < other.namespace ? -1 : 1));
  const sum = of("", () => true);
  return { price, hoursAMonth, namespaces, sum, notKnown: notKnown(sum, habits !== null) };
}

interface Ask {
  readonly price: number;
  readonly habits: Habits | null;
}

function savingOf(
  namespace: string,
  managed: readonly MarketPod[],
  others: readonly Pod[],
  { price, habits }: Ask,
): Saving {
  const counted = managed.flatMap((one) => countedOf(one, habits));
  const sum = (pick: (one: Counted) => number): number => counted.reduce((total, one) => total + pick(one), 0);
  const savedMilli = sum((one) => one.declaredMilli - one.askedMilli);
  const allMilli = sum((one) => one.declaredMilli - one.recommendedMilli);
  const habitMilli =
    habits === null ? null : sum((one) => (one.habitual ? one.declaredMilli - one.recommendedMilli : 0));
  const money = (milli: number): number => Number(((milli / 1000) * price * hoursAMonth).toFixed(2));
  return {
    namespace,
    pods: counted.length,
    declaredMilli: sum((one) => one.declaredMilli),
    askedMilli: sum((one) => one.askedMilli),
    recommendedMilli: sum((one) => one.recommendedMilli),
    savedMilli,
    habitMilli,
    allMilli,
    savedMoney: money(savedMilli),
    habitMoney: habitMilli === null ? null : money(habitMilli),
    allMoney: money(allMilli),
    unknownPods: managed.length - counted.length,
    otherPods: others.length,
    otherMilli: others.reduce((total, pod) => total + declaredMilliOf(pod), 0),
  };
}

interface Counted {
  readonly declaredMilli: number;
  readonly askedMilli: number;
  readonly recommendedMilli: number;
  readonly habitual: boolean;
}

/** Nothing where it is not known: what is held says nothing of what is needed. */
function countedOf({ pod, allocation }: MarketPod, habits: Habits | null): Counted[] {
  const { declared, enforced, desired } = amountsOf(allocation);
  const binding = allocation.status?.binding;
  if (binding === undefined || binding === "Held") return [];
  if (declared.requestMilli === null || enforced.requestMilli === null || desired.requestMilli === null) return [];
  return [
    {
      declaredMilli: declared.requestMilli,
      askedMilli: enforced.requestMilli,
      recommendedMilli: desired.requestMilli,
      habitual: (habits?.(pod)?.trustPercent ?? 0) >= leastTrustPercent,
    },
  ];
}

function notKnown({ unknownPods, otherPods }: Saving, habitsKnown: boolean): string[] {
  return [
    "whether nodes go: requests given back are money only where the cluster has fewer or smaller nodes for it",
    "what the next weeks bring: it is a moment's sum times the hours of a month",
    ...(habitsKnown
      ? []
      : ["habits: WorkloadProfiles are not installed or may not be read, so that nothing is told by habit"]),
    ...(unknownPods > 0
      ? [`${unknownPods} pods on the market of which there is no telemetry: they count in nothing`]
      : []),
    ...(otherPods > 0 ? [`what ${otherPods} pods need that are not on the market`] : []),
  ];
}
