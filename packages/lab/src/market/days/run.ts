import { addsAfterMs, NodeAutoscaler } from "../cluster/autoscaler.ts";
import type { ClusterNode, ClusterPod } from "../cluster/node.ts";
import { created, resize, wantedOf } from "../cluster/resize.ts";
import { place, type Scoring } from "../cluster/scheduler.ts";
import type { Resources, Rule } from "../rule.ts";
import { playPart } from "./part.ts";
import type { LabPod } from "./pods.ts";
import { type Outcome, Tally } from "./tally.ts";

/** Days that a cluster lives through. */
export interface Days {
  readonly pods: readonly LabPod[];
  readonly stepMs: number;
  /** Steps before are for learning; nothing is counted. */
  readonly judgedFrom: number;
  readonly allocatableMilli: number;
  readonly scoring: Scoring;
}

const minuteMs = 60_000;
const hourMs = 3_600_000;

/** Lives through the days under one rule. */
export function live(days: Days, rule: Rule): Outcome {
  const cluster = new LivingCluster(days, rule);
  const steps = days.pods[0]?.needMilli.length ?? 0;
  for (let step = 0; step < steps; step += 1) cluster.play(step);
  return cluster.tally.outcome(rule.name);
}

class LivingCluster {
  readonly tally: Tally;
  readonly #days: Days;
  readonly #rule: Rule;
  readonly #autoscaler: NodeAutoscaler;
  readonly #pods: readonly ClusterPod[];
  readonly #parts: readonly number[];
  #nodes: ClusterNode[] = [];

  constructor(days: Days, rule: Rule) {
    this.#days = days;
    this.#rule = rule;
    this.tally = new Tally(days.judgedFrom * days.stepMs);
    this.#autoscaler = new NodeAutoscaler(days.allocatableMilli);
    this.#parts = rule.how.parts(days.stepMs);
    this.#pods = days.pods.map(({ name, declared, needMilli }) => {
      const sizing = rule.sizing(declared);
      const first = sizing.atCreation(0) ?? declared;
      return {
        name,
        declared,
        needMilli,
        sizing,
        spec: first,
        admitted: first,
        node: null,
        startedMs: 0,
        rationMilli: null,
      };
    });
  }

  play(step: number): void {
    const { stepMs } = this.#days;
    let atMs = step * stepMs;
    this.#resize(atMs);
    this.#consolidate(atMs);
    this.#schedule(atMs);
    this.#countNodes(atMs, atMs + stepMs);
    for (const [part, forMs] of this.#parts.entries()) {
      if (part > 0) this.#resize(atMs);
      const { writes, ranMs, starvedMs } = playPart(this.#nodes, {
        step,
        atMs,
        forMs,
        rations: this.#rule.how.rations && part > 0,
      });
      this.tally.add("writes", writes, atMs);
      this.tally.add("podMinutes", ranMs / minuteMs, atMs);
      this.tally.add("starvedMinutes", starvedMs / minuteMs, atMs);
      atMs += forMs;
    }
  }

  /** Those who give come first, so that those who take find it. */
  #resize(nowMs: number): void {
    const asked = this.#pods.flatMap((pod) => (pod.node ? [{ pod, wanted: wantedOf(pod, nowMs) }] : []));
    const [gives, takes] = [asked.filter(isCut), asked.filter((one) => !isCut(one))];
    for (const { pod, wanted } of [...gives, ...takes]) {
      const resized = resize(pod, wanted, this.#rule.how.resizes, nowMs);
      if (resized !== "kept") this.tally.add("writes", 1, nowMs);
      if (resized === "evicted") this.tally.add("evictions", 1, nowMs);
    }
  }

  #consolidate(nowMs: number): void {
    const removed = new Set(this.#autoscaler.shrink(this.#nodes, nowMs));
    for (const node of removed) {
      for (const pod of node.pods) {
        node.remove(pod, created(pod, nowMs));
        this.tally.add("moves", 1, nowMs);
      }
    }
    if (removed.size > 0) this.#nodes = this.#nodes.filter((node) => !removed.has(node));
  }

  #schedule(nowMs: number): void {
    const waiting = this.#pods.filter(({ node }) => node === null);
    if (waiting.length === 0) return;
    const unplaced: ClusterPod[] = place(waiting, this.#nodes, this.#days.scoring, nowMs);
    this.tally.add("pendingMinutes", (unplaced.length * addsAfterMs) / minuteMs, nowMs);
    this.#nodes.push(...this.#autoscaler.grow(unplaced, nowMs + addsAfterMs));
  }

  #countNodes(fromMs: number, toMs: number): void {
    for (const { bornMs } of this.#nodes)
      this.tally.add("nodeHours", (toMs - Math.max(fromMs, bornMs)) / hourMs, fromMs);
  }
}

function isCut({ pod, wanted }: { readonly pod: ClusterPod; readonly wanted: Resources }): boolean {
  return wanted.requestMilli < pod.spec.requestMilli;
}
