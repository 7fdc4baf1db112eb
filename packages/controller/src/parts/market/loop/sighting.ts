import type { PodState } from "../../../base/cluster/pod.ts";
import type { Ledger } from "../../../base/telemetry/ledger/ledger.ts";
import type { ResizeLog } from "../act/log.ts";
import { lanesDesired } from "../act/resize.ts";
import type { Verdicts } from "../act/verdicts.ts";
import { type NodeSight, type Observation, observeNode, type SeenNode } from "../observe/node.ts";
import { observePart } from "../observe/part.ts";
import { isManaged } from "../observe/view.ts";

export interface SightingOptions extends Omit<NodeSight, "reading" | "nowMs" | "barred"> {
  readonly ledger: Ledger;
  readonly log: ResizeLog;
  readonly verdicts: Verdicts;
}

/** Sees nodes for the market, and takes note of what pods say of their resizes, and of what they have used. */
export class Sighting {
  readonly #options: SightingOptions;

  constructor(options: SightingOptions) {
    this.#options = options;
  }

  whole(node: string, nowMs: number): Observation {
    const sight = this.#sight(node, nowMs);
    for (const pod of sight.view.podsOn(node)) this.#meet(pod, nowMs);
    const observation = observeNode(node, sight);
    this.#learn(observation);
    return observation;
  }

  /** Those of its pods that have moved. @returns null where it must be seen whole */
  part(before: SeenNode, moved: ReadonlySet<string>, nowMs: number): Observation | null {
    const { node } = before.snapshot;
    const sight = this.#sight(node, nowMs);
    for (const pod of sight.view.podsOn(node)) if (moved.has(pod.uid)) this.#meet(pod, nowMs);
    const observation = observePart(before, moved, sight);
    if (observation) this.#learn(observation);
    return observation;
  }

  #sight(node: string, nowMs: number): NodeSight {
    const { ledger, log } = this.#options;
    const barred = (uid: string): ReturnType<typeof log.of>["barred"] => log.of(uid).barred;
    return { ...this.#options, reading: ledger.node(node), nowMs, barred };
  }

  #meet(pod: PodState, nowMs: number): void {
    const { book, log, verdicts, view } = this.#options;
    for (const { containerId } of pod.containers) book.meet(containerId, nowMs);
    if (!isManaged(pod, view)) return;
    const stands = verdicts.of(pod);
    log.noted(pod.uid, stands, nowMs, stands.kind === "infeasible" ? lanesDesired(pod) : []);
  }

  /** Habits are learnt of those who are on the market, or would be advised. */
  #learn({ managed }: Observation): void {
    const { book } = this.#options;
    for (const { pod, mode, leftAlone } of managed)
      for (const container of pod.containers) {
        const use = book.takeUse(container.containerId);
        if (use && mode !== "off" && !leftAlone) book.habits.note(pod, container, use);
      }
  }
}
