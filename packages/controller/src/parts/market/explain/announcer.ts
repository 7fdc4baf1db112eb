import { formatCpu } from "@walras/kit";

import type { PodState } from "../../../base/cluster/pod.ts";
import { podRef } from "../../../base/told/decision.ts";
import type { Teller } from "../../../base/told/teller.ts";
import type { Bound } from "../act/breach.ts";
import type { PodResize } from "../act/resize.ts";
import { type Ration, rationMessage } from "./ration.ts";
import type { PodOutcome, RoundResult } from "./result.ts";
import type { MarketVerdict, marketVerdicts } from "./verdicts.ts";

/** What holds of a pod until a round says that it is over. */
const tillOver = [
  "MarketLeavesAlone",
  "MarketKeepsRequest",
  "MarketRedeclared",
  "InvalidLabel",
  "InvalidAnnotation",
  "MarketRations",
  "MarketResizeDeferred",
  "MarketResizeInfeasible",
  "MarketResizeError",
] as const satisfies readonly MarketVerdict[];

const lasting: readonly MarketVerdict[] = [...tillOver, "MarketResizeRefused", "MarketBounded"];

/** Tells of pods what their owners must know, once each time it becomes true, and each resize. */
export class Announcer {
  readonly #teller: Teller<typeof marketVerdicts>;
  /** UIDs of pods of which something may hold: of most there is nothing to say, round after round. */
  readonly #spokenOf = new Set<string>();

  constructor(teller: Teller<typeof marketVerdicts>) {
    this.#teller = teller;
  }

  round({ observation, fresh }: RoundResult): void {
    for (const { object, problem } of observation.mislabelled) {
      this.#spokenOf.add(object.uid);
      this.#teller.tellOnce(matterOf(object, "InvalidLabel"), { object, verdict: "InvalidLabel", reason: problem });
    }
    for (const outcome of fresh) {
      const { pod, mode } = outcome.managed;
      if (isNothingToTell(outcome)) this.#over(pod.uid);
      else if (mode !== "off") this.#tell(outcome);
    }
  }

  #tell(outcome: PodOutcome): void {
    const { pod, leftAlone, complaints, kept, redeclared } = outcome.managed;
    this.#spokenOf.add(pod.uid);
    this.#once(pod, "MarketLeavesAlone", leftAlone?.message);
    this.#once(pod, "MarketKeepsRequest", leftAlone ? undefined : kept?.message);
    this.#once(pod, "MarketRedeclared", (leftAlone ? null : redeclared) ?? undefined);
    this.#once(pod, "InvalidAnnotation", complaints.join("; ") || undefined);
    this.#verdict(outcome);
    this.#ration(pod, outcome.ration);
    if (outcome.bound) this.#bounded(pod, outcome.bound);
  }

  refused(pod: PodState, reason: string, message: string): void {
    this.#once(pod, "MarketResizeRefused", `${reason}: ${message}`);
  }

  /** A refusal is over once the pod has been resized. */
  resized({ pod, containers, cause }: PodResize): void {
    this.#teller.over(matterOf(pod, "MarketResizeRefused"));
    const before = totals(pod.containers.map(({ desired }) => desired));
    const after = totals(containers);
    const reason = `${cause}: request ${shown(before.requestMilli)} to ${shown(after.requestMilli)}, limit ${shown(before.limitMilli)} to ${shown(after.limitMilli)}`;
    const numbers = { fromRequestMilli: before.requestMilli, toRequestMilli: after.requestMilli };
    const limits =
      before.limitMilli === null || after.limitMilli === null
        ? {}
        : { fromLimitMilli: before.limitMilli, toLimitMilli: after.limitMilli };
    this.#teller.tell({ object: podRef(pod), verdict: "MarketResized", reason, numbers: { ...numbers, ...limits } });
  }

  forget(podUid: string): void {
    this.#spokenOf.delete(podUid);
    for (const verdict of lasting) this.#teller.over(matterOf({ uid: podUid }, verdict));
  }

  #over(podUid: string): void {
    if (!this.#spokenOf.delete(podUid)) return;
    for (const verdict of tillOver) this.#teller.over(matterOf({ uid: podUid }, verdict));
  }

  /** Once each time it begins: its numbers are in the PodAllocation. */
  #ration(pod: PodState, ration: Ration | null): void {
    const verdict: MarketVerdict = "MarketRations";
    const told = ration && {
      object: podRef(pod),
      verdict,
      reason: rationMessage(ration),
      numbers: { rationMilli: ration.rationMilli, wantedMilli: ration.wantedMilli },
    };
    this.#teller.tellOnce(matterOf(pod, verdict), told ?? undefined, verdict);
  }

  #verdict({ managed: { pod }, verdict }: PodOutcome): void {
    const message = (kind: string): string | undefined =>
      verdict.kind === kind && "message" in verdict ? verdict.message : undefined;
    this.#once(pod, "MarketResizeDeferred", message("deferred"));
    this.#once(pod, "MarketResizeInfeasible", message("infeasible"));
    this.#once(pod, "MarketResizeError", message("error"));
  }

  /** Once for each kind of bound: how much it leaves moves all the time. */
  #bounded(pod: PodState, { reason, message }: Bound): void {
    const told = { object: podRef(pod), verdict: "MarketBounded", reason: `${reason}: ${message}` } as const;
    this.#teller.tellOnce(matterOf(pod, "MarketBounded"), told, reason);
  }

  #once(pod: PodState, verdict: MarketVerdict, reason: string | undefined): void {
    const told = reason === undefined ? undefined : { object: podRef(pod), verdict, reason };
    this.#teller.tellOnce(matterOf(pod, verdict), told);
  }
}

function isNothingToTell({ managed, verdict, ration, bound }: PodOutcome): boolean {
  const { leftAlone, kept, redeclared, complaints } = managed;
  if (leftAlone !== null || kept !== null || redeclared !== null || complaints.length > 0) return false;
  return ration === null && bound === null && !("message" in verdict);
}

function matterOf({ uid }: Pick<PodState, "uid">, verdict: MarketVerdict): string {
  return `${uid} ${verdict}`;
}

interface Resources {
  readonly requestMilli: number | null;
  readonly limitMilli: number | null;
}

/** Sums over containers; a limit that some of them lack is none. */
function totals(containers: readonly Resources[]): {
  readonly requestMilli: number;
  readonly limitMilli: number | null;
} {
  const limits = containers.map(({ limitMilli }) => limitMilli);
  return {
    requestMilli: containers.reduce((sum, { requestMilli }) => sum + (requestMilli ?? 0), 0),
    limitMilli: limits.reduce<number | null>((sum, limit) => (sum === null || limit === null ? null : sum + limit), 0),
  };
}

function shown(milli: number | null): string {
  return milli === null ? "none" : formatCpu(milli);
}
