import { formatCpu } from "@walras/kit";

import { targetsOf } from "../decide/byPod.ts";
import type { NodeDecision } from "../decide/snapshot.ts";
import type { ManagedPod } from "../observe/managed.ts";
import type { SeenNode } from "../observe/node.ts";

/** What a rationed pod is told: what it gets of what it wants, and who has the rest. */
export interface Ration {
  readonly rationMilli: number;
  readonly wantedMilli: number;
  /** Those who use most beyond what they declared: "shop/hog uses 900m". */
  readonly holders: readonly string[];
}

/** A round as far as it is decided. */
interface Decided {
  readonly decision: NodeDecision;
  readonly observation: SeenNode;
}

const mostHolders = 2;

/** @returns null where the pod is not rationed */
export function rationOf(podUid: string, result: Decided): Ration | null {
  const targets = targetsOf(result.decision, podUid);
  if (!targets.some(({ rationMilli }) => rationMilli !== null)) return null;
  return {
    rationMilli: sum(targets.map(({ rationMilli, bid }) => rationMilli ?? bid.capMilli)),
    wantedMilli: sum(targets.map(({ bid }) => bid.capMilli)),
    holders: holders(podUid, result),
  };
}

export function rationMessage({ rationMilli, wantedMilli, holders: by }: Ration): string {
  const held = by.length > 0 ? `; ${by.join(", ")}` : "";
  return `the node's CPU is used up: it may use ${shown(rationMilli)} of the ${shown(wantedMilli)} that it wants${held}`;
}

function holders(podUid: string, { decision, observation }: Decided): readonly string[] {
  const beyond = observation.managed
    .filter(({ pod }) => pod.uid !== podUid)
    .map((managed) => ({ name: nameOf(managed), milli: usedBeyond(managed, decision) }));
  const others = { name: "others than the market's", milli: observation.snapshot.othersMilli ?? 0 };
  return [...beyond, others]
    .filter(({ milli }) => milli >= leastToldMilli)
    .toSorted((one, other) => other.milli - one.milli)
    .slice(0, mostHolders)
    .map(({ name, milli }) => `${name} use ${shown(milli)}${name === others.name ? "" : " beyond their requests"}`);
}

const leastToldMilli = 10;

/** What it is given to use beyond what its owner declared. */
function usedBeyond({ pod, declared }: ManagedPod, decision: NodeDecision): number {
  const own = targetsOf(decision, pod.uid).filter(({ binding }) => binding !== "Held");
  const declaredMilli = sum([...declared.values()].map(({ requestMilli }) => requestMilli));
  return sum(own.map(({ rationMilli, bid }) => rationMilli ?? bid.capMilli)) - declaredMilli;
}

function nameOf({ pod }: ManagedPod): string {
  return `${pod.namespace}/${pod.name}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** To the next 10 m: what is told each second must not look like news. */
function shown(milli: number): string {
  return formatCpu(Math.round(milli / 10) * 10);
}
