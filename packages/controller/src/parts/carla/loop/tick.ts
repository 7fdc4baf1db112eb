import type { Clock } from "@walras/kit";

import type { ApplicationState, ArgoReader } from "../argocd/port.ts";
import { refOf } from "../config/named.ts";
import type { ReleaseConfig } from "../config/policy.ts";
import { decide } from "../decide/decide.ts";
import type { AppDecision, HoldReason, ReleaseDecision } from "../decide/decision.ts";
import { consentTo, readApproval } from "../act/approval.ts";
import { keyOf } from "../argocd/catalogue.ts";
import type { Applications } from "../act/ports.ts";
import type { Releaser, ReleaseOrder } from "../act/releaser.ts";
import { observe, type Sources } from "../observe/observe.ts";

/** Who is told what a tick came to. */
interface TickObserver {
  decided(decision: ReleaseDecision, config: ReleaseConfig, tookMs: number): void;
  /** Selected, and not released after all. */
  dropped(app: string, reason: string): void;
  /** An annotation of ours on the Application says nothing that can be understood. */
  invalid(app: string, message: string): void;
}

export interface TickOptions {
  readonly sources: Sources & { readonly applications: Applications };
  readonly reader: Pick<ArgoReader, "get">;
  readonly releaser: Pick<Releaser, "ask" | "adopt">;
  /** The leader, and nobody else. */
  readonly mayAct: () => boolean;
  readonly observer: TickObserver;
  readonly clock: Clock;
}

/** One tick: observe, decide, explain; then, without holding up the next tick, validate and act. */
export class Tick {
  readonly #options: TickOptions;
  #lowHeadroomTicks = 0;
  /** Of whom something was not known when it was decided last. */
  #lacking: ReadonlySet<string> = new Set();
  #acting = false;

  constructor(options: TickOptions) {
    this.#options = options;
  }

  /** @returns when everything that was selected has been asked for, or dropped */
  async run(config: ReleaseConfig, signal: AbortSignal): Promise<void> {
    this.#lookAround(config);
    const decision = this.#decide(config);
    this.#lacking = this.#lackingIn(decision);
    const low = decision.headroom === null || decision.headroom < config.policy.minHeadroom;
    this.#lowHeadroomTicks = low ? this.#lowHeadroomTicks + 1 : 0;
    if (decision.selected.length === 0 || this.#acting || !this.#options.mayAct()) return;
    this.#acting = true;
    try {
      await this.#act(config, decision.selected, signal);
    } finally {
      this.#acting = false;
    }
  }

  /** Whether what was not known has come, and lets something go: that need not wait for the next tick. */
  isDue(config: ReleaseConfig): boolean {
    return this.#lacking.size > 0 && this.preview(config).selected.some(({ name }) => this.#lacking.has(name));
  }

  /** An Application that Argo CD does not know will not be known in a moment. */
  #lackingIn({ held }: ReleaseDecision): ReadonlySet<string> {
    const passing = new Set<HoldReason>(["unknown_change", "unknown_headroom"]);
    if (!this.#options.sources.applications.isCurrent()) passing.add("unknown_state");
    return new Set(held.filter(({ reason }) => passing.has(reason)).map(({ name }) => name));
  }

  /** What the next tick would do. */
  preview(config: ReleaseConfig): ReleaseDecision {
    return decide(config, this.#snapshot(config));
  }

  #snapshot(config: ReleaseConfig): ReturnType<typeof observe> {
    const { sources, clock } = this.#options;
    return observe(config, sources, { nowMs: clock.wallMs(), lowHeadroomTicks: this.#lowHeadroomTicks });
  }

  #decide(config: ReleaseConfig): ReleaseDecision {
    const { clock, observer } = this.#options;
    const startedMs = clock.monotonicMs();
    const decision = this.preview(config);
    observer.decided(decision, config, clock.monotonicMs() - startedMs);
    return decision;
  }

  /** Takes up releases of earlier processes, and tells of annotations that cannot be understood. */
  #lookAround(config: ReleaseConfig): void {
    const { sources, releaser, observer, clock } = this.#options;
    if (!sources.applications.isCurrent()) return;
    for (const app of config.apps) {
      const key = keyOf(refOf(app, config));
      const application = sources.applications.get(key);
      if (!application) continue;
      releaser.adopt(key, application);
      const { error } = readApproval(application, clock.wallMs());
      if (error) observer.invalid(app.name, error.message);
    }
  }

  /** Reads each selected application anew and decides again: what is still selected as it was, is released. */
  async #act(config: ReleaseConfig, selected: readonly AppDecision[], signal: AbortSignal): Promise<void> {
    const { observer, releaser, mayAct } = this.#options;
    const fresh = await this.#readAnew(config, selected, signal);
    const again = new Map(this.preview(config).selected.map((one) => [one.name, one]));
    for (const { name, revision } of selected) {
      const application = fresh.get(name);
      if (!application || signal.aborted || !mayAct()) continue;
      const still = again.get(name);
      if (!still || still.revision !== revision) {
        observer.dropped(name, still ? "its revision changed" : "it is no longer selected");
        continue;
      }
      await releaser.ask(this.#order(still, application, config));
    }
  }

  async #readAnew(
    config: ReleaseConfig,
    selected: readonly AppDecision[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, ApplicationState>> {
    const { reader, sources, observer } = this.#options;
    const fresh = new Map<string, ApplicationState>();
    const byName = new Map(config.apps.map((app) => [app.name, app]));
    await Promise.all(
      selected.map(async ({ name }) => {
        const app = byName.get(name);
        if (!app) return;
        const ref = refOf(app, config);
        const project = sources.applications.get(keyOf(ref))?.project ?? "";
        try {
          const application = await reader.get(ref, project, signal);
          sources.applications.put(application);
          fresh.set(name, application);
        } catch (error) {
          observer.dropped(name, `it cannot be read: ${error instanceof Error ? error.message : String(error)}`);
        }
      }),
    );
    return fresh;
  }

  #order({ risk }: AppDecision, application: ApplicationState, { policy }: ReleaseConfig): ReleaseOrder {
    const { clock, sources } = this.#options;
    const consent = { highRisk: risk >= policy.risk.high, override: sources.override() };
    return {
      app: keyOf(application),
      application,
      revisions: policy.argo.pinRevision ? application.revisions : [],
      approvedBy: consentTo(application, consent, clock.wallMs()),
    };
  }
}
