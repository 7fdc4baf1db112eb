import type { Rejection } from "../ledger/feed.ts";
import type { PodState } from "../cluster/pod.ts";
import type { PodOutcome, RoundResult } from "./round.ts";

/** What an Event is about. */
export interface EventSubject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** Where Events go. */
export interface EventSink {
  record(event: {
    readonly regarding: EventSubject;
    readonly type: "Normal" | "Warning";
    readonly reason: string;
    readonly action: string;
    readonly note: string;
  }): void;
}

/** The reasons of every Event there is. */
const eventReasons = {
  leftAlone: "MarketLeavesAlone",
  badAnnotation: "InvalidAnnotation",
  deferred: "MarketResizeDeferred",
  infeasible: "MarketResizeInfeasible",
  failed: "MarketResizeError",
  refused: "MarketResizeRefused",
  reportRejected: "AgentReportRejected",
  agentSilent: "AgentSilent",
  agentBack: "AgentReporting",
} as const;

/** Tells users what they must know, once each time it becomes true. */
export class Announcer {
  readonly #sink: EventSink;
  readonly #told = new Map<string, string>();

  constructor(sink: EventSink) {
    this.#sink = sink;
  }

  round({ outcomes }: RoundResult): void {
    for (const outcome of outcomes) {
      const { managed } = outcome;
      if (managed.mode === "off") continue;
      this.#once(managed.pod, "leftAlone", managed.leftAlone?.message);
      this.#once(managed.pod, "badAnnotation", managed.complaints.join("; ") || undefined);
      this.#verdict(outcome);
    }
  }

  refused(pod: PodState, reason: string, message: string): void {
    this.#once(pod, "refused", `${reason}: ${message}`);
  }

  /** A refusal is over once the pod has been resized. */
  resized(pod: PodState): void {
    this.#told.delete(`${pod.uid} refused`);
  }

  rejected(node: EventSubject, rejections: readonly Rejection[]): void {
    const [first] = rejections;
    if (!first) return;
    const others = rejections.length > 1 ? ` and ${rejections.length - 1} more` : "";
    this.#tell(node, "Warning", eventReasons.reportRejected, `${first.reason}: ${first.detail}${others}`);
  }

  silent(node: EventSubject): void {
    this.#tell(node, "Warning", eventReasons.agentSilent, "its agent is silent: pods keep what they have");
  }

  back(node: EventSubject): void {
    this.#tell(node, "Normal", eventReasons.agentBack, "its agent reports");
  }

  forget(podUid: string): void {
    for (const key of this.#told.keys()) if (key.startsWith(podUid)) this.#told.delete(key);
  }

  #verdict({ managed: { pod }, verdict }: PodOutcome): void {
    const message = (kind: string): string | undefined =>
      verdict.kind === kind && "message" in verdict ? verdict.message : undefined;
    this.#once(pod, "deferred", message("deferred"));
    this.#once(pod, "infeasible", message("infeasible"));
    this.#once(pod, "failed", message("error"));
  }

  /** Tells when the note is new; an absent note ends the matter. */
  #once(pod: PodState, matter: Matter, note: string | undefined): void {
    const key = `${pod.uid} ${matter}`;
    if (note === undefined) {
      this.#told.delete(key);
      return;
    }
    if (this.#told.get(key) === note) return;
    this.#told.set(key, note);
    this.#tell(podSubject(pod), normalMatters.has(matter) ? "Normal" : "Warning", eventReasons[matter], note);
  }

  #tell(regarding: EventSubject, type: "Normal" | "Warning", reason: string, note: string): void {
    this.#sink.record({ regarding, type, reason, action: "Resizing", note });
  }
}

type Matter = "leftAlone" | "badAnnotation" | "deferred" | "infeasible" | "failed" | "refused";

const normalMatters: ReadonlySet<Matter> = new Set(["leftAlone", "deferred"] as const);

function podSubject({ namespace, name, uid }: PodState): EventSubject {
  return { apiVersion: "v1", kind: "Pod", namespace, name, uid };
}
