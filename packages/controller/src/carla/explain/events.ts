import type { EventNote } from "@walras/kube";

import type { ApplicationState } from "../argocd/port.ts";
import type { HoldReason, ReleaseDecision } from "../decide/decision.ts";
import type { Outcome, Release } from "../release/release.ts";

/** Where Events go. */
export interface EventSink {
  record(event: EventNote): void;
}

/** Holds that pass by themselves in a moment. */
const passing: ReadonlySet<HoldReason> = new Set(["in_flight", "no_room_now", "unknown_change"]);

/** Tells on each Application what is decided about it, once each time that changes. */
export class ReleaseEvents {
  readonly #sink: EventSink;
  readonly #find: (app: string) => ApplicationState | undefined;
  readonly #told = new Map<string, string>();
  readonly #invalid = new Map<string, string>();

  constructor(sink: EventSink, find: (app: string) => ApplicationState | undefined) {
    this.#sink = sink;
    this.#find = find;
  }

  decided({ held, selected }: ReleaseDecision): void {
    const names = new Set<string>();
    for (const { name, reason, detail, score } of held) {
      names.add(name);
      if (passing.has(reason) || this.#told.get(name) === reason) continue;
      this.#told.set(name, reason);
      const note = `${detail} (score ${score.total.toFixed(3)})`;
      this.#say(name, { type: "Normal", reason: heldReason(reason), note });
    }
    for (const { name } of selected) this.#told.delete(name);
    for (const name of this.#told.keys()) if (!names.has(name)) this.#told.delete(name);
  }

  asked({ app, id, revisions, rollback }: Release, approvedBy: string | null): void {
    const what = revisions.length > 0 ? `revision ${revisions.join("+")}` : "the target revision";
    const consent = approvedBy === null ? "" : `, approved by ${approvedBy}`;
    const reason = rollback ? "ReleaseRolledBack" : "ReleaseStarted";
    this.#say(app, { type: rollback ? "Warning" : "Normal", reason, note: `release ${id}: ${what}${consent}` });
  }

  ended({ app, id }: Release, outcome: Outcome, tookMs: number): void {
    const seconds = (tookMs / 1000).toFixed(1);
    if (outcome.kind === "succeeded") {
      this.#say(app, { type: "Normal", reason: "ReleaseSucceeded", note: `release ${id}: healthy after ${seconds} s` });
    } else {
      const note = `release ${id}: ${outcome.reason} after ${seconds} s: ${outcome.message}`;
      this.#say(app, { type: "Warning", reason: "ReleaseFailed", note });
    }
  }

  refused(app: string, message: string): void {
    this.#say(app, { type: "Warning", reason: "ReleaseRefused", note: message });
  }

  invalid(app: string, message: string): void {
    if (this.#invalid.get(app) === message) return;
    this.#invalid.set(app, message);
    this.#say(app, { type: "Warning", reason: "InvalidAnnotation", note: message });
  }

  #say(app: string, event: Pick<EventNote, "type" | "reason" | "note">): void {
    const application = this.#find(app);
    if (!application) return;
    const { namespace, name, uid } = application;
    const regarding = { apiVersion: "argoproj.io/v1alpha1", kind: "Application", namespace, name, uid };
    this.#sink.record({ regarding, action: "Release", ...event });
  }
}

/** low_headroom is HeldLowHeadroom: Events of one reason are counted together, and each hold is worth its own. */
function heldReason(reason: HoldReason): string {
  return `Held${reason.replaceAll(/(?:^|_)([a-z])/gi, (_, letter: string) => letter.toUpperCase())}`;
}
