import type { Clock } from "@walras/kit";

import type { ArgoReader } from "../argocd/port.ts";
import { refOf } from "../config/named.ts";
import type { ReleaseConfig } from "../config/policy.ts";
import { decide } from "../decide/decide.ts";
import type { HoldReason, ReleaseDecision } from "../decide/decision.ts";
import { readApproval } from "../act/approval.ts";
import { keyOf } from "../argocd/catalogue.ts";
import type { Applications } from "../act/ports.ts";
import type { Releaser } from "../act/releaser.ts";
import { type Queue, roomIn } from "../decide/queue.ts";
import { observe, type Sources } from "../observe/observe.ts";
import { type NotSynced, Releasing } from "./releasing.ts";

/** Who is told what a tick came to. */
interface TickObserver {
  decided(decision: ReleaseDecision, tookMs: number): void;
  /** After `decided`, when everything selected has been asked for or not. */
  acted(decision: ReleaseDecision, config: ReleaseConfig, notSynced: NotSynced): void;
  /** Selected, and not released after all. */
  dropped(app: string, reason: string): void;
  /** An annotation of ours on the Application says nothing that can be understood. */
  invalid(app: string, message: string): void;
}

export interface TickOptions {
  readonly sources: Sources & { readonly applications: Applications };
  readonly reader: Pick<ArgoReader, "get">;
  readonly releaser: Pick<Releaser, "ask" | "adopt">;
  readonly config: () => ReleaseConfig;
  /** The leader, and nobody else. */
  readonly mayAct: () => boolean;
  readonly observer: TickObserver;
  readonly clock: Clock;
}

/** An Application that Argo CD does not know will not be known in a moment. */
const passing: ReadonlySet<HoldReason> = new Set(["unknown_change", "unknown_headroom", "unknown_freeze"]);

/** One tick: observe, decide, explain; then, without holding up the next tick, validate and act. */
export class Tick {
  readonly #options: TickOptions;
  readonly #releasing: Releasing;
  #lowHeadroomTicks = 0;
  /** Of whom something was not known when it was decided last. */
  #lacking: ReadonlySet<string> = new Set();
  /** Nothing was known of any Application then: reasons tell of that alone. */
  #unseeing = false;
  /** Argo CD had been asked for as much as it may be, and there was more. */
  #crowded = false;
  #acting = false;

  constructor(options: TickOptions) {
    this.#options = options;
    this.#releasing = new Releasing({
      ...options,
      applications: options.sources.applications,
      override: () => options.sources.override(),
      preview: (config) => this.preview(config),
      onDropped: (app, reason) => options.observer.dropped(app, reason),
    });
  }

  /** @returns when everything that was selected has been asked for, or dropped */
  async run(signal: AbortSignal): Promise<void> {
    const config = this.#options.config();
    this.#lookAround(config);
    this.#unseeing = !this.#options.sources.applications.isCurrent();
    const decision = this.#decide(config);
    this.#lacking = lackingIn(decision);
    this.#crowded = isCrowded(decision, this.#options.sources.queue?.());
    const low = decision.headroom === null || decision.headroom < config.policy.minHeadroom;
    this.#lowHeadroomTicks = low ? this.#lowHeadroomTicks + 1 : 0;
    this.#options.observer.acted(decision, config, await this.#act(decision, signal));
  }

  /**
   * What need not wait for the next tick: Argo CD has begun what others waited for, Applications are known that were not, or what else
   * was not known has come and lets something go.
   */
  isDue(config: ReleaseConfig): boolean {
    const { applications, usage } = this.#options.sources;
    if (this.#crowded && roomIn(this.#options.sources.queue?.()) > 0) return true;
    if (this.#unseeing && applications.isCurrent()) return true;
    if (this.#lacking.size === 0 || !applications.isCurrent() || usage().cpu === null) return false;
    return this.preview(config).selected.some(({ name }) => this.#lacking.has(name));
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
    observer.decided(decision, clock.monotonicMs() - startedMs);
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
      if (sources.unremembered() === null) releaser.adopt(key, application);
      const { error } = readApproval(application, clock.wallMs());
      if (error) observer.invalid(app.name, error.message);
    }
  }

  /** One tick acts at a time. */
  async #act({ selected }: ReleaseDecision, signal: AbortSignal): Promise<NotSynced> {
    if (selected.length === 0) return new Map();
    const unable = this.#unable();
    if (unable !== null) return new Map(selected.map(({ name }) => [name, unable]));
    this.#acting = true;
    try {
      return await this.#releasing.run(selected, signal);
    } finally {
      this.#acting = false;
    }
  }

  #unable(): string | null {
    if (this.#acting) return "an_earlier_tick_acts";
    return this.#options.mayAct() ? null : "not_leading";
  }
}

/** Of whom something was not known that may be known in a moment. */
function lackingIn({ held }: ReleaseDecision): ReadonlySet<string> {
  return new Set(held.filter(({ reason }) => passing.has(reason)).map(({ name }) => name));
}

function isCrowded({ selected, held }: ReleaseDecision, queue: Queue | undefined): boolean {
  return selected.length >= roomIn(queue) && held.some(({ reason }) => reason === "no_room_now");
}
