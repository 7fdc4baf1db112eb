import { type Clock, describeError, type Logger, type Rng } from "@walras/kit";

import { type ApplicationState, type ArgoActor, ArgoError } from "../argocd/port.ts";
import type { RolloutPolicy } from "../config/policy.ts";
import { adoptionOf } from "./adopt.ts";
import { type JournalPort, stamp } from "./journal.ts";
import { keyOf } from "../argocd/catalogue.ts";
import type { Applications, ReleaseObserver } from "./ports.ts";
import { advance, type Need, type Outcome, type Release, revisionKey } from "./release.ts";
import { rollbackTarget } from "./rollback.ts";
import type { Tracks } from "./tracks.ts";

export interface ReleaserOptions {
  readonly actor: ArgoActor;
  readonly applications: Applications;
  readonly journal: JournalPort;
  readonly tracks: Tracks;
  readonly observer: ReleaseObserver;
  readonly policy: () => RolloutPolicy & { readonly rolloutAlpha: number };
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
}

/** What is to be released. */
export interface ReleaseOrder {
  /** "namespace/name". */
  readonly app: string;
  readonly application: ApplicationState;
  /** Empty: whatever the Application asks for. */
  readonly revisions: readonly string[];
  readonly approvedBy: string | null;
}

/** Refused by a rule of Argo CD: asked again after this. */
const postponeMs = 60_000;
/** Argo CD needs a while for what it is asked: comparing anew costs it a render of the manifests. */
const errandEveryMs = 5_000;
const mostEnded = 20_000;

/** Carries releases from the request until they are healthy or failed; each release is one small state machine. */
export class Releaser {
  readonly #options: ReleaserOptions;
  readonly #inFlight = new Map<string, Release>();
  /** Releases that are over: their operations are not taken up again. */
  readonly #ended = new Set<string>();
  /** When Argo CD was last asked for what a release needs. */
  readonly #askedMs = new Map<string, number>();
  readonly #errands = new Set<Promise<void>>();
  readonly #abort = new AbortController();

  constructor(options: ReleaserOptions) {
    this.#options = options;
  }

  /** Of an application, by its "namespace/name". */
  release(app: string): Release | undefined {
    return this.#inFlight.get(app);
  }

  inFlight(): readonly Release[] {
    return [...this.#inFlight.values()];
  }

  /** Remembers what the journal tells of earlier processes. */
  async remember(): Promise<void> {
    const { journal, tracks, policy } = this.#options;
    for (const entry of await journal.read()) {
      if (entry.event === "succeeded" && !entry.rollback) {
        tracks.succeeded(
          entry.app,
          { tookMs: entry.seconds * 1000, revisions: entry.revisions },
          policy().rolloutAlpha,
        );
      }
      if (entry.event === "failed") tracks.failed(entry.app, Date.parse(entry.at), policy());
      if (entry.event === "condemned") tracks.condemned(entry.app, entry.revision);
      if (entry.event === "succeeded" || entry.event === "failed") this.#end(entry.id);
    }
  }

  /** Takes up what carries our mark and is nobody's. */
  adopt(app: string, application: ApplicationState): void {
    if (!this.#isNobodys(app, application)) return;
    const { clock, policy, tracks } = this.#options;
    const now = { wallMs: clock.wallMs(), monotonicMs: clock.monotonicMs() };
    const adoption = adoptionOf(app, application, policy(), now);
    if (adoption?.kind === "release") this.#takeUp(adoption.release);
    if (adoption?.kind === "failure") tracks.failed(app, adoption.atMs, policy());
    if (adoption && adoption.kind !== "release") this.#end(adoption.releaseId);
  }

  #isNobodys(app: string, { operation }: ApplicationState): boolean {
    const id = operation?.releaseId ?? null;
    return id !== null && !this.#ended.has(id) && !this.#inFlight.has(app);
  }

  #takeUp(release: Release): void {
    this.#inFlight.set(release.app, release);
    this.#options.observer.adopted(release);
  }

  /** Asks Argo CD for a sync. The request is in the journal before it is sent. */
  async ask(order: ReleaseOrder, rollback = false): Promise<void> {
    const { journal, clock, observer, logger } = this.#options;
    const release = this.#begin(order, rollback);
    this.#inFlight.set(order.app, release);
    try {
      const { id, app, revisions } = release;
      await journal.append({
        event: "asked",
        at: stamp(clock),
        app,
        id,
        revisions: [...revisions],
        approvedBy: order.approvedBy,
      });
    } catch (error) {
      this.#inFlight.delete(order.app);
      logger.error({ app: order.app, error: describeError(error) }, "not released: the journal cannot be written");
      observer.refused(order.app, `the journal cannot be written: ${describeError(error)}`);
      return;
    }
    observer.asked(release, order.approvedBy);
    await this.#send(release);
  }

  /** Looks at every release in flight. Cheap, and never waits for Argo CD. */
  follow(): void {
    const { applications, policy, clock } = this.#options;
    const current = applications.isCurrent();
    for (const release of this.inFlight()) {
      if (!current) {
        this.#inFlight.set(release.app, unobserved(release));
        continue;
      }
      const application = applications.get(keyOf(release.ref));
      const step = advance(release, application, policy(), clock.monotonicMs());
      this.#inFlight.set(release.app, step.release);
      this.#run(step.release, step.need);
      if (step.outcome) this.#finish(step.release, step.outcome, application);
    }
  }

  /** Ends errands; releases stay with Argo CD, to be adopted. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await Promise.allSettled(this.#errands);
  }

  #begin({ app, application, revisions }: ReleaseOrder, rollback: boolean): Release {
    const { clock, rng } = this.#options;
    const { namespace, name, project } = application;
    return {
      id: `${clock.wallMs().toString(36)}-${Math.floor(rng() * 2 ** 40).toString(36)}`,
      app,
      ref: { namespace, name },
      project,
      revisions,
      rollback,
      phase: "asked",
      startedAtMs: clock.wallMs(),
      begunMs: clock.monotonicMs(),
      healthySinceMs: null,
      degradedSinceMs: null,
      outOfSyncSinceMs: null,
    };
  }

  /** An answer that got lost is no refusal: the operation's mark will tell. */
  async #send(release: Release): Promise<void> {
    const { actor, logger, tracks, clock } = this.#options;
    const { id, ref, project, revisions, app } = release;
    try {
      await actor.sync({ ...ref, project, releaseId: id, revisions }, this.#abort.signal);
    } catch (error) {
      const failure = error instanceof ArgoError ? error.failure : "unreachable";
      logger.warn({ app, failure, error: describeError(error) }, "sync not acknowledged");
      if (failure === "unreachable" || failure === "malformed") return;
      const message = describeError(error);
      if (failure === "rejected") {
        this.#finish(release, { kind: "failed", reason: "refused", message });
        return;
      }
      this.#inFlight.delete(app);
      this.#options.observer.refused(app, message);
      tracks.postponed(app, clock.wallMs() + postponeMs);
    }
  }

  #run({ app, ref, project }: Release, need: Need): void {
    if (need === "nothing") return;
    const { clock, actor, applications } = this.#options;
    const nowMs = clock.monotonicMs();
    if (nowMs - (this.#askedMs.get(app) ?? -Infinity) < errandEveryMs) return;
    this.#askedMs.set(app, nowMs);
    this.#errand({ app }, async (signal) =>
      need === "refresh"
        ? applications.put(await actor.refresh(ref, project, signal))
        : actor.terminate(ref, project, signal),
    );
  }

  #errand({ app }: Pick<Release, "app">, run: (signal: AbortSignal) => Promise<void>): void {
    const errand = run(this.#abort.signal)
      .catch((error: unknown) =>
        this.#options.logger.warn({ app, error: describeError(error) }, "Argo CD did not answer"),
      )
      .finally(() => this.#errands.delete(errand));
    this.#errands.add(errand);
  }

  #finish(release: Release, outcome: Outcome, application?: ApplicationState): void {
    const { clock, tracks, observer, policy } = this.#options;
    const { app, id } = release;
    const tookMs = clock.monotonicMs() - release.begunMs;
    this.#inFlight.delete(app);
    this.#askedMs.delete(app);
    if (outcome.kind === "succeeded") {
      this.#end(id);
      if (!release.rollback)
        tracks.succeeded(app, { tookMs, revisions: doneRevisions(release, application) }, policy().rolloutAlpha);
    } else if (outcome.reason === "not_started") {
      tracks.postponed(app, clock.wallMs() + postponeMs);
    } else {
      this.#end(id);
      tracks.failed(app, clock.wallMs(), policy());
    }
    this.#record(release, { outcome, tookMs, application });
    observer.ended(release, outcome, tookMs);
    if (outcome.kind === "failed" && application) this.#rollBack(release, application);
  }

  #record(
    release: Release,
    end: { outcome: Outcome; tookMs: number; application: ApplicationState | undefined },
  ): void {
    const { journal, clock } = this.#options;
    const { app, id } = release;
    const { outcome, tookMs, application } = end;
    const revisions = [...doneRevisions(release, application)];
    const at = stamp(clock);
    const entry =
      outcome.kind === "succeeded"
        ? ({ event: "succeeded", at, app, id, revisions, seconds: tookMs / 1000, rollback: release.rollback } as const)
        : ({ event: "failed", at, app, id, revisions, reason: outcome.reason, message: outcome.message } as const);
    this.#errand(release, () => journal.append(entry));
  }

  /** Back to what was healthy, at once: what is broken does not wait for a window. */
  #rollBack(release: Release, application: ApplicationState): void {
    const { policy, tracks, journal, clock } = this.#options;
    const { app, id } = release;
    if (!policy().rollback || release.rollback) return;
    const target = rollbackTarget(application, tracks.lastHealthy(app), doneRevisions(release, application));
    if (!target) return;
    const revision = revisionKey(doneRevisions(release, application));
    tracks.condemned(app, revision);
    this.#errand(release, () => journal.append({ event: "condemned", at: stamp(clock), app, id, revision }));
    this.#errand(release, () => this.ask({ app, application, revisions: target, approvedBy: null }, true));
  }

  #end(id: string): void {
    this.#ended.add(id);
    if (this.#ended.size <= mostEnded) return;
    const [oldest] = this.#ended;
    if (oldest !== undefined) this.#ended.delete(oldest);
  }
}

/** While nothing is heard nothing is known to have lasted. */
function unobserved(release: Release): Release {
  return { ...release, healthySinceMs: null, degradedSinceMs: null, outOfSyncSinceMs: null };
}

function doneRevisions(release: Release, application: ApplicationState | undefined): readonly string[] {
  if (release.revisions.length > 0) return release.revisions;
  return application?.operation?.revisions ?? [];
}
