import type { KubeObject } from "@walras/sim/apiserver";

import type { Checker } from "./checker.ts";
import { at, condition } from "./effective.ts";
import { cpuByName, uidOf } from "./owners.ts";
import { isAmple, nameOf, nodeOf } from "./seen.ts";

export interface Quiet {
  /** Whether nothing has gone wrong of late. */
  isCalm(): boolean;
  /** Seconds since less than a fifth of the node was idle. */
  idleForSeconds(node: string): number;
  /** Whether an object of its namespace may refuse what the pod should get. */
  isBounded(namespace: string): boolean;
}

/** What must come true within so many seconds while nothing is wrong. */
const patience = { restored: 20, deferred: 30, declared: 30 } as const;
type Matter = keyof typeof patience;

/** What need not hold at each moment, but soon: asked each second. */
export class Bounded {
  readonly #checker: Checker;
  readonly #quiet: Quiet;
  readonly #slackSeconds: number;
  /** For how many seconds a matter has been open. */
  readonly #open = new Map<string, number>();

  /** @param latencyMs of the API server, which each step of a way waits for */
  constructor(checker: Checker, quiet: Quiet, latencyMs: number) {
    this.#checker = checker;
    this.#quiet = quiet;
    this.#slackSeconds = (6 * latencyMs) / 1000;
  }

  second(nodes: Iterable<string>): void {
    for (const node of nodes) for (const pod of this.#checker.podsOn(node)) this.#pod(pod, node);
  }

  #pod(pod: KubeObject, node: string): void {
    const runs = at(pod, "status", "phase") === "Running" && pod.metadata.deletionTimestamp === undefined;
    const mine = runs && this.#quiet.isCalm() && !this.#quiet.isBounded(pod.metadata.namespace ?? "");
    this.#soon("restored", pod, mine && this.#isNotRestored(pod, node));
    this.#soon("deferred", pod, mine && condition(pod, "PodResizePending")?.["reason"] === "Deferred");
    this.#soon("declared", pod, mine && this.#quiet.idleForSeconds(node) > 0 && this.#isBelow(pod));
  }

  #soon(matter: Matter, pod: KubeObject, isOpen: boolean): void {
    const key = `${matter} ${uidOf(pod)}`;
    if (!isOpen) {
      this.#open.delete(key);
      this.#checker.checks += 1;
      return;
    }
    const seconds = (this.#open.get(key) ?? 0) + 1;
    this.#open.set(key, seconds);
    const most = patience[matter] + this.#slackSeconds;
    this.#checker.must(seconds !== Math.ceil(most) + 1, () => `${matter}: ${nameOf(pod)} has waited for ${most} s`);
  }

  /** Who left the market has his limits, and his requests as far as there is room. */
  #isNotRestored(pod: KubeObject, node: string): boolean {
    const { sizable, resized, declared } = this.#checker.owners.of(pod);
    if (sizable || !resized) return false;
    const now = cpuByName(pod);
    const limits = [...declared].every(([name, { limit }]) => now.get(name)?.limit === limit);
    const missing = [...declared].reduce((sum, [name, { request }]) => {
      return sum + Math.max(0, (request ?? 0) - (now.get(name)?.request ?? 0));
    }, 0);
    const above = [...declared].some(([name, { request }]) => (now.get(name)?.request ?? 0) > (request ?? 0));
    return !limits || above || (missing > 0 && missing <= this.#checker.freeMilli(node));
  }

  /** A limit below what was declared, of somebody on the market. */
  #isBelow(pod: KubeObject): boolean {
    const { sizable, declared } = this.#checker.owners.of(pod);
    if (!sizable || !isAmple(pod) || nodeOf(pod) === "") return false;
    const now = cpuByName(pod);
    return [...declared].some(([name, { limit }]) => limit !== null && (now.get(name)?.limit ?? 0) < limit);
  }
}
