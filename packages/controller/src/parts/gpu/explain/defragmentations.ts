import type { Clock } from "@walras/kit";

import { podRef } from "../../../base/told/decision.ts";
import type { Teller } from "../../../base/told/teller.ts";
import type { Admission, PodMove } from "../decide/defragment/defragment.ts";
import type { ClusterPlan } from "../decide/defragment/live.ts";
import { podKey } from "../decide/schedule/pod.ts";
import type { gpuVerdicts } from "./verdicts.ts";

interface DefragmentationCounts {
  planned(counts: { readonly moves: number; readonly admits: number }): void;
}

/** What `/gpu` shows of the last plan. */
export interface DefragmentationView {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** How many pods had no place. */
  readonly waiting: number;
  readonly mostMoves: number;
  /** Whether it is being done. */
  readonly carriedOut: boolean;
  readonly admissions: readonly Admission[];
}

interface Options {
  readonly teller: Teller<typeof gpuVerdicts>;
  readonly counts: DefragmentationCounts;
  readonly clock: Clock;
}

/** Tells those who wait by whose move they would have a place, and keeps the plan for whoever asks. */
export class DefragmentationTeller {
  readonly #options: Options;
  #told = new Set<string>();
  #view: DefragmentationView | null = null;

  constructor(options: Options) {
    this.#options = options;
  }

  /** null: nothing has been planned yet. */
  view(): DefragmentationView | null {
    return this.#view;
  }

  planned(plan: ClusterPlan, carriedOut: boolean): void {
    const { clock, counts } = this.#options;
    const { waiting, mostMoves, nominations } = plan;
    const admissions = plan.admissions.filter(({ moves }) => moves.length > 0);
    this.#view = { at: clock.wallMs(), waiting, mostMoves, carriedOut, admissions };
    const moves = admissions.reduce((sum, one) => sum + one.moves.length, 0);
    counts.planned({ moves, admits: admissions.length });
    this.#tell(plan, new Set(nominations.map(({ pod }) => pod.uid)));
  }

  #tell({ nominations, admissions }: ClusterPlan, now: ReadonlySet<string>): void {
    const { teller } = this.#options;
    for (const uid of this.#told) if (!now.has(uid)) teller.over(`moves ${uid}`);
    this.#told = new Set(now);
    for (const { pod } of nominations) {
      const moves = admissions.find(({ placed }) => placed.pod === podKey(pod))?.moves ?? [];
      const reason = `it would have a place if others moved: ${moves.map(sentence).join(", ")}`;
      teller.tellOnce(`moves ${pod.uid}`, { object: podRef(pod), verdict: "GpuRoomByMoves", reason });
    }
  }
}

function sentence({ pod, from, to }: PodMove): string {
  return `${pod} from ${from.node} to ${to.node}`;
}
