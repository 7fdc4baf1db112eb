import { type Clock, describeError } from "@walras/kit";

import { consentTo } from "../act/approval.ts";
import type { Applications } from "../act/ports.ts";
import type { Asked, Releaser, ReleaseOrder } from "../act/releaser.ts";
import { keyOf } from "../argocd/catalogue.ts";
import { type ApplicationState, ArgoError, type ArgoReader } from "../argocd/port.ts";
import { refOf } from "../config/named.ts";
import type { AppPolicy, ReleaseConfig } from "../config/policy.ts";
import type { AppDecision, ReleaseDecision } from "../decide/decision.ts";

/** By name: why what was selected has not been asked for, in a word or two. */
export type NotSynced = ReadonlyMap<string, string>;

export interface ReleasingOptions {
  readonly applications: Applications;
  readonly reader: Pick<ArgoReader, "get">;
  readonly releaser: Pick<Releaser, "ask">;
  /** The leader, and nobody else. */
  readonly mayAct: () => boolean;
  /** As it is now: another one may have come since the decision. */
  readonly config: () => ReleaseConfig;
  /** What would be decided at this very moment. */
  readonly preview: (config: ReleaseConfig) => ReleaseDecision;
  /** Who approves everything high-risk now; null: nobody. */
  readonly override: () => string | null;
  /** Selected, and not released after all. */
  readonly onDropped: (app: string, reason: string) => void;
  readonly clock: Clock;
}

/** Carries out a decision: what is selected is read anew, decided again, and asked for, one after the other. */
export class Releasing {
  readonly #options: ReleasingOptions;

  constructor(options: ReleasingOptions) {
    this.#options = options;
  }

  /** @returns what was not asked for; everything else Argo CD has taken, or may have */
  async run(selected: readonly AppDecision[], signal: AbortSignal): Promise<NotSynced> {
    const notSynced = new Map<string, string>();
    await Promise.all(selected.map((app) => this.#readAnew(app, notSynced, signal)));
    for (const one of selected) {
      if (notSynced.has(one.name)) continue;
      const why = signal.aborted ? "stopping" : await this.#release(one);
      if (why !== null) notSynced.set(one.name, why);
    }
    return notSynced;
  }

  async #readAnew({ name }: AppDecision, notSynced: Map<string, string>, signal: AbortSignal): Promise<void> {
    const { applications, reader, config, onDropped } = this.#options;
    const app = config().apps.find((one) => one.name === name);
    if (!app) return;
    const ref = refOf(app, config());
    const project = applications.get(keyOf(ref))?.project ?? "";
    try {
      applications.put(await reader.get(ref, project, signal));
    } catch (error) {
      onDropped(name, `it cannot be read: ${describeError(error)}`);
      notSynced.set(name, error instanceof ArgoError ? failureWord(error.failure) : "unreadable");
    }
  }

  /**
   * Others before it may have taken a while to be answered: window, freeze,
   * load and consent are those of the moment at which it is asked for.
   *
   * @returns why not; null: it has been asked for
   */
  async #release({ name, revision }: AppDecision): Promise<string | null> {
    const { config, preview, releaser, onDropped, mayAct } = this.#options;
    if (!mayAct()) return "not_leading";
    const now = config();
    const app = now.apps.find((one) => one.name === name);
    const again = preview(now);
    const still = again.selected.find((one) => one.name === name);
    const application = app && this.#options.applications.get(keyOf(refOf(app, now)));
    if (!application || !still || still.revision !== revision) {
      const reason = again.held.find((one) => one.name === name)?.reason ?? "no_longer_selected";
      onDropped(name, still ? "its revision changed" : `it is no longer selected: ${reason}`);
      return still ? "revision_changed" : reason;
    }
    return wordOf(await releaser.ask(this.#order(app, { application, risk: still.risk }, now)));
  }

  #order(
    { prune }: AppPolicy,
    { application, risk }: { readonly application: ApplicationState; readonly risk: number },
    { policy }: ReleaseConfig,
  ): ReleaseOrder {
    const { clock, override } = this.#options;
    const consent = { highRisk: risk >= policy.risk.high, override: override() };
    return {
      app: keyOf(application),
      application,
      revisions: policy.argo.pinRevision ? application.revisions : [],
      approvedBy: consentTo(application, consent, clock.wallMs()),
      prune,
    };
  }
}

/** An answer that got lost counts as asked: the operation's mark will tell. */
function wordOf(asked: Asked): string | null {
  return asked.kind === "refused" ? failureWord(asked.why) : null;
}

/** operationInProgress is operation_in_progress. */
function failureWord(failure: string): string {
  return failure.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
