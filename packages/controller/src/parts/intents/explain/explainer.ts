import type { IntentStatus } from "@walras/api";
import type { Store } from "@walras/kube";

import type { IntentDecision } from "../decide/decision.ts";
import type { BadIntent, SeenIntent } from "../loop/ports.ts";
import type { Explainer, TellableRound, Told } from "../loop/steps.ts";
import type { IntentAnnouncer } from "./announcer.ts";
import { isNews } from "./news.ts";
import { beginningOf } from "./lastPlan.ts";
import { badStatusOf, statusOf } from "./status.ts";
import type { ProfileTold, StatusWriter } from "./statusWriter.ts";
import type { ToldIntent } from "./stores.ts";
import { type IntentsView, type IntentView, viewOf } from "./view.ts";

export interface ExplainerOptions {
  readonly statuses: Pick<Store<ToldIntent>, "get">;
  readonly writer: StatusWriter;
  readonly announcer: IntentAnnouncer;
  /** Profiles whose status does not say yet what it is to say. */
  readonly untoldProfiles: () => readonly ProfileTold[];
}

/** Tells what was decided and done: on the objects, as Events, and for whoever asks. */
export class IntentExplainer implements Explainer {
  readonly #options: ExplainerOptions;
  /** By UID: what this round has written, which the store does not show yet. */
  readonly #written = new Map<string, IntentStatus>();
  #view: IntentsView = { at: null, intents: [], invalid: [] };

  constructor(options: ExplainerOptions) {
    this.#options = options;
  }

  async begins(seen: SeenIntent, decision: IntentDecision, nowMs: number): Promise<void> {
    const beginning = beginningOf(seen, decision, nowMs);
    await this.#options.writer.record(seen.ref, beginning);
    this.#written.set(seen.ref.uid, { ...this.#before(seen.ref.uid), ...beginning });
  }

  tell(round: TellableRound): void {
    const { told, bad, nowMs } = round;
    const intents = told.map((one) => this.#tell(one, round));
    for (const one of bad) this.#tellBad(one, nowMs);
    for (const profile of this.#options.untoldProfiles()) this.#options.writer.writeProfile(profile);
    // By the next round the store shows what was written; what was not is written again.
    this.#written.clear();
    const invalid = bad.map(({ ref, problem }) => ({ name: `${ref.namespace}/${ref.name}`, problem }));
    this.#view = { at: new Date(nowMs).toISOString(), intents, invalid };
  }

  view(): IntentsView {
    return this.#view;
  }

  #tell(told: Told, { measured, nowMs }: TellableRound): IntentView {
    const { ref, intent } = told.seen;
    const before = this.#before(ref.uid);
    const status = statusOf(told, { before, measured: measured.get(intent.name) ?? new Map(), nowMs });
    if (isNews(before, status)) this.#write(told.seen, status);
    this.#options.announcer.tell(told);
    return viewOf(told, status);
  }

  #tellBad(bad: BadIntent, nowMs: number): void {
    const before = this.#before(bad.ref.uid);
    const status = badStatusOf(bad, { before, nowMs });
    if (before.verdict !== "Invalid" || isNews(before, { ...before, ...status })) this.#write(bad, status);
    this.#options.announcer.bad(bad);
  }

  #write({ ref }: Pick<SeenIntent, "ref">, status: IntentStatus): void {
    this.#written.set(ref.uid, status);
    this.#options.writer.write(ref, status);
  }

  #before(uid: string): IntentStatus {
    return this.#written.get(uid) ?? this.#options.statuses.get(uid)?.status ?? {};
  }
}
