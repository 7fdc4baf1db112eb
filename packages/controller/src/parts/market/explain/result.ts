import type { Bound } from "../act/breach.ts";
import type { PodResize } from "../act/resize.ts";
import type { Verdict } from "../act/verdict.ts";
import type { NodeDecision } from "../decide/snapshot.ts";
import type { Ration } from "./ration.ts";
import type { ManagedPod } from "../observe/managed.ts";
import type { SeenNode } from "../observe/node.ts";

/** A managed pod after a round: how it stood, and what is to become of it. */
export interface PodOutcome {
  readonly managed: ManagedPod;
  readonly verdict: Verdict;
  /** The resize that was sent in this round; null without one. */
  readonly resize: PodResize | null;
  readonly waiting: boolean;
  /** What its namespace keeps it from having; null: nothing. */
  readonly bound: Bound | null;
  /** null: it is not rationed. */
  readonly ration: Ration | null;
}

/** What one round made of one node. */
export interface RoundResult {
  readonly decision: NodeDecision;
  readonly observation: SeenNode;
  readonly outcomes: readonly PodOutcome[];
  /** Those of the outcomes that are not word for word the last round's. */
  readonly fresh: readonly PodOutcome[];
}
