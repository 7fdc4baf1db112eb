import { type Clock, describeError, type Logger, type Rng } from "@walras/kit";

import { keyOf } from "../argocd/catalogue.ts";
import { type ApplicationState, type ArgoActor, ArgoError, type ArgoFailure } from "../argocd/port.ts";
import type { RolloutPolicy } from "../config/policy.ts";
import type { Stop } from "../decide/freeze.ts";
import { adoptionOf } from "./adopt.ts";
import { EndedReleases, type Ending, entryOf } from "./ending.ts";
import { Errands } from "./errands.ts";
import { type JournalPort, stamp } from "./journal.ts";
import { type MemoryPort, Remembrance } from "./memory.ts";
import type { Applications, ReleaseObserver } from "./ports.ts";
import { recall } from "./recall.ts";
import { advance, doneRevisions, type Need, notFailures, type Release, revisionKey, settledBy } from "./release.ts";
import { rollbackTarget } from "./rollback.ts";
import type { Tracks } from "./tracks.ts";

export interface ReleaserOptions {
  readonly actor: ArgoActor;
  readonly applications: Applications;
  readonly journal: JournalPort;
  readonly memory: MemoryPort;
  readonly tracks: Tracks;
  readonly observer: ReleaseObserver;
  readonly policy: () => RolloutPolicy & { readonly rolloutAlpha: number };
  /** What stands against an application's releases at this moment, by its "namespace/name". */
  readonly stopFor: (app: string) => Stop | null;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
}

/** What is to be released. */
export interface ReleaseOrder {
  readonly app: string;
  readonly application: ApplicationState;
  /** Empty: whatever the Application asks for. */
  readonly revisions: readonly string[];
  readonly approvedBy: string | null;
  /** Deletes what is no longer wanted. */
  readonly prune: boolean;
}

/** What became of asking. */
export type Asked =
  /** Argo CD has it, or may have it: its answer got lost. */
  | { readonly kind: "sent" }
  /** It has not, for sure: a failure of Argo CD's API, "journalUnwritable", or what stands against it. */
  | { readonly kind: "refused"; readonly why: ArgoFailure | "journalUnwritable" | Stop["reason"] };

const sent: Asked = { kind: "sent" };

/** Refused by a rule of Argo CD: asked again after this. */
const postponeMs = 60_000;
/** Argo CD needs a while for what it is asked: comparing anew costs it a render of the manifests. */
const errandEveryMs = 5_000;
/** What must not run is ended as soon as it can be. */
const withdrawEveryMs = 1_000;

/** Carries releases from the request until they are healthy or failed; each release is one small state machine. */
export class Releaser {
  readonly #options: ReleaserOptions;
  readonly #remembrance: Remembrance;
  readonly #inFlight = new Map<string, Release>();
  /** Their operations are not taken up again. */
  readonly #ended = new EndedReleases();
  /** When Argo CD was last asked for what a release needs. */
  readonly #askedMs = new Map<string, number>();
  readonly #errands: Errands;

  constructor(options: ReleaserOptions) {
    this.#options = options;
    this.#errands = new Errands(options.logger);
    this.#remembrance = new Remembrance(options.memory, options.tracks, options);
  }

  /** Of an application, by its "namespace/name". */
  release(app: string): Release | undefined {
    return this.#inFlight.get(app);
  }

  inFlight(): readonly Release[] {
    return [...this.#inFlight.values()];
  }

  /** Remembers what earlier processes have left. @throws where it cannot be read; nothing is remembered then */
  async remember(): Promise<void> {
    const { journal, tracks, policy } = this.#options;
    const [entries, verdicts] = await Promise.all([journal.read(), this.#remembrance.read()]);
    for (const id of recall(entries, tracks, policy())) this.#ended.add(id);
    this.#remembrance.recall(verdicts);
  }

  /** Takes up what carries our mark and is nobody's. */
  adopt(app: string, application: ApplicationState): void {
    if (!this.#isNobodys(app, application)) return;
    const { clock, policy, tracks } = this.#options;
    const now = { wallMs: clock.wallMs(), monotonicMs: clock.monotonicMs() };
    const adoption = adoptionOf(app, application, policy(), now);
    if (adoption?.kind === "release") this.#takeUp(adoption.release);
    if (adoption?.kind === "failure") tracks.failed(app, adoption.atMs, policy());
    if (adoption && adoption.kind !== "release") this.#ended.add(adoption.releaseId);
  }

  #isNobodys(app: string, { operation }: ApplicationState): boolean {
    const id = operation?.releaseId ?? null;
    if (!operation || id === null || this.#ended.has(id) || this.#inFlight.has(app)) return false;
    // The journal is the disk's, a verdict the cluster's: the disk may be new.
    const isOver = operation.phase === "Succeeded";
    return !(isOver && this.#options.tracks.isJudged(app, revisionKey(operation.revisions), operation.startedAtMs));
  }

  #takeUp(release: Release): void {
    this.#inFlight.set(release.app, release);
    this.#options.observer.adopted(release);
  }

  /** Asks Argo CD for a sync. The request is in the journal before it is sent. */
  async ask(order: ReleaseOrder, rollback = false): Promise<Asked> {
    const release = this.#begin(order, rollback);
    this.#inFlight.set(order.app, release);
    const why = (await this.#write(release, order.approvedBy)) ?? this.#standsAgainst(release)?.reason;
    if (why !== undefined) {
      this.#inFlight.delete(order.app);
      return { kind: "refused", why };
    }
    this.#options.observer.asked(release, order.approvedBy);
    return this.#send(release);
  }

  async #write({ id, app, revisions }: Release, approvedBy: string | null): Promise<"journalUnwritable" | undefined> {
    const { journal, clock, observer, logger } = this.#options;
    try {
      await journal.append({ event: "asked", at: stamp(clock), app, id, revisions: [...revisions], approvedBy });
      return undefined;
    } catch (error) {
      logger.error({ app, error: describeError(error) }, "not released: the journal cannot be written");
      observer.refused(app, `the journal cannot be written: ${describeError(error)}`);
      return "journalUnwritable";
    }
  }

  /** What is broken does not wait for a window: a rollback is stopped only by who wants everything stopped. */
  #standsAgainst({ app, rollback }: Release): Stop | null {
    const stop = this.#options.stopFor(app);
    return rollback && stop?.scope !== "all" ? null : stop;
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
      const moment = { nowMs: clock.monotonicMs(), stop: this.#standsAgainst(release) };
      const { release: at, need, outcome } = advance(release, application, policy(), moment);
      this.#inFlight.set(release.app, at);
      this.#run(at, need);
      if (outcome) this.#finish({ release: at, outcome, application, tookMs: moment.nowMs - at.begunMs });
    }
    this.#errands.run("", () => this.#remembrance.keep());
  }

  /** Ends errands; releases stay with Argo CD, to be adopted. */
  async stop(): Promise<void> {
    await this.#errands.stop();
  }

  #begin({ app, application, revisions, prune }: ReleaseOrder, rollback: boolean): Release {
    const { clock, rng } = this.#options;
    const { namespace, name, project } = application;
    return {
      id: `${clock.wallMs().toString(36)}-${Math.floor(rng() * 2 ** 40).toString(36)}`,
      app,
      ref: { namespace, name },
      project,
      revisions,
      rollback,
      prune,
      phase: "asked",
      startedAtMs: clock.wallMs(),
      begunMs: clock.monotonicMs(),
      healthySinceMs: null,
      degradedSinceMs: null,
      outOfSyncSinceMs: null,
      withdrawn: null,
    };
  }

  /** An answer that got lost is no refusal: the operation's mark will tell. */
  async #send(release: Release): Promise<Asked> {
    const { actor, logger, tracks, clock } = this.#options;
    const { id, ref, project, revisions, app, prune, begunMs } = release;
    try {
      await actor.sync({ ...ref, project, releaseId: id, revisions, prune }, this.#errands.signal);
      return sent;
    } catch (error) {
      const failure = error instanceof ArgoError ? error.failure : "unreachable";
      const message = describeError(error);
      logger.warn({ app, failure, error: message }, "sync not acknowledged");
      if (failure === "unreachable" || failure === "malformed") return sent;
      if (failure === "rejected") {
        const outcome = { kind: "failed", reason: "refused", message } as const;
        this.#finish({ release, outcome, tookMs: clock.monotonicMs() - begunMs, application: undefined });
      } else {
        this.#inFlight.delete(app);
        this.#options.observer.refused(app, message);
        tracks.postponed(app, clock.wallMs() + postponeMs);
      }
      return { kind: "refused", why: failure };
    }
  }

  #run({ app, ref, project, withdrawn }: Release, need: Need): void {
    if (need === "nothing") return;
    const { clock, actor, applications } = this.#options;
    const nowMs = clock.monotonicMs();
    const everyMs = withdrawn === null ? errandEveryMs : withdrawEveryMs;
    if (nowMs - (this.#askedMs.get(app) ?? -Infinity) < everyMs) return;
    this.#askedMs.set(app, nowMs);
    this.#errands.run(app, async (signal) =>
      need === "refresh"
        ? applications.put(await actor.refresh(ref, project, signal))
        : actor.terminate(ref, project, signal),
    );
  }

  #finish(ending: Ending): void {
    const { clock, observer, journal } = this.#options;
    const { release, outcome, tookMs, application } = ending;
    this.#inFlight.delete(release.app);
    this.#askedMs.delete(release.app);
    this.#track(ending);
    const entry = entryOf(ending, stamp(clock));
    this.#errands.run(release.app, () => journal.append(entry));
    observer.ended(release, outcome, tookMs);
    if (outcome.kind === "failed" && application) this.#rollBack(release, application);
  }

  #track({ release, outcome, tookMs, application }: Ending): void {
    const { clock, tracks, policy } = this.#options;
    const { app, id, rollback, prune } = release;
    const atMs = clock.wallMs();
    if (outcome.kind === "failed" && notFailures.has(outcome.reason)) {
      tracks.postponed(app, atMs + postponeMs);
      return;
    }
    this.#ended.add(id);
    if (outcome.kind === "failed") tracks.failed(app, atMs, policy());
    if (outcome.kind !== "succeeded" || rollback) return;
    const revisions = doneRevisions(release, application);
    const settled = settledBy({ ...outcome, revision: revisionKey(revisions), prune });
    tracks.succeeded(app, { tookMs, revisions, settled, atMs }, policy().rolloutAlpha);
  }

  /** Back to what was healthy, at once: what is broken does not wait for a window. */
  #rollBack(release: Release, application: ApplicationState): void {
    const { policy, tracks, journal, clock } = this.#options;
    const { app, id, rollback, prune } = release;
    if (!policy().rollback || rollback) return;
    const failed = doneRevisions(release, application);
    const target = rollbackTarget(application, tracks.lastHealthy(app), failed);
    if (!target) return;
    const revision = revisionKey(failed);
    tracks.condemned(app, revision, clock.wallMs());
    this.#errands.run(app, () => journal.append({ event: "condemned", at: stamp(clock), app, id, revision }));
    this.#errands.run(app, () => this.ask({ app, application, revisions: target, approvedBy: null, prune }, true));
  }
}

/** While nothing is heard nothing is known to have lasted. */
function unobserved(release: Release): Release {
  return { ...release, healthySinceMs: null, degradedSinceMs: null, outOfSyncSinceMs: null };
}
