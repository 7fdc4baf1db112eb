import { seededRng, silentLogger, VirtualClock } from "@walras/kit";

import { MemoryJournal } from "../../act/journal.ts";
import { ProcessMemory } from "../../act/memory.ts";
import type { Applications } from "../../act/ports.ts";
import { Releaser } from "../../act/releaser.ts";
import { pendingApplication } from "../../act/testing.ts";
import { Tracks } from "../../act/tracks.ts";
import { type ApplicationState, ArgoError, type SyncRequest } from "../../argocd/port.ts";
import type { Freeze, ReleaseConfig } from "../../config/policy.ts";
import { freezesOf, type Stop, stopOf } from "../../decide/freeze.ts";
import type { ReleaseDecision } from "../../decide/decision.ts";
import type { Usage } from "../../decide/snapshot.ts";
import type { Sources } from "../../observe/observe.ts";
import { Waiting } from "../../observe/waiting.ts";
import { Tick } from "../tick.ts";

/** A tick with everything around it, Argo CD played by the test. */
export class Stage {
  readonly clock: VirtualClock;
  readonly applications = new Map<string, ApplicationState>();
  /** What was asked for and when, wall milliseconds. */
  readonly syncs: (SyncRequest & { readonly atMs: number })[] = [];
  readonly terminations: string[] = [];
  readonly dropped: string[] = [];
  readonly acted: { readonly decision: ReleaseDecision; readonly notSynced: ReadonlyMap<string, string> }[] = [];
  readonly outcomes: unknown[] = [];
  readonly releaser: Releaser;
  readonly tick: Tick;
  readonly tracks = new Tracks();
  readonly journal = new MemoryJournal();
  config: ReleaseConfig;
  /** What reading and syncing throw. */
  trouble: { readonly read?: ArgoError; readonly sync?: ArgoError } = {};
  /** How long Argo CD takes to answer a sync. */
  answersAfterMs = 0;
  /** Whether Argo CD has told of its Applications. */
  current = true;
  usage: Usage = { cpu: 0.1, memory: 0.1 };
  unremembered: string | null = null;
  override: string | null = null;
  freezes: readonly Freeze[] | null = [];

  constructor(config: ReleaseConfig, nowMs: number) {
    this.config = config;
    this.clock = new VirtualClock(nowMs);
    for (const { name } of config.apps)
      this.applications.set(`argocd/${name}`, pendingApplication({ name, uid: name }));
    const applications: Applications = {
      get: (key) => this.applications.get(key),
      presence: (key) => (this.applications.has(key) ? "present" : "hidden"),
      descendants: () => [],
      put: () => undefined,
      isCurrent: () => this.current,
    };
    const around = { clock: this.clock, rng: seededRng(1), logger: silentLogger };
    this.releaser = new Releaser({
      ...around,
      actor: {
        sync: (request) => this.#sync(request),
        terminate: ({ name }) => Promise.resolve(void this.terminations.push(name)),
        refresh: ({ name }) => this.#read(name),
      },
      applications,
      journal: this.journal,
      memory: new ProcessMemory(),
      tracks: this.tracks,
      observer: {
        asked: () => undefined,
        adopted: () => undefined,
        ended: (release, outcome) => void this.outcomes.push([release.app, outcome]),
        refused: () => undefined,
      },
      policy: () => ({ ...this.config.policy.rollout, rolloutAlpha: 0.2 }),
      stopFor: (key) => this.#stopFor(key),
    });
    const sources: Sources = {
      applications,
      releases: this.releaser,
      tracks: this.tracks,
      waiting: new Waiting(),
      changes: undefined,
      usage: () => this.usage,
      override: () => this.override,
      unremembered: () => this.unremembered,
      freezes: () => this.freezes,
    };
    this.tick = new Tick({
      sources,
      reader: { get: ({ name }) => this.#read(name) },
      releaser: this.releaser,
      config: () => this.config,
      mayAct: () => true,
      observer: {
        decided: () => undefined,
        acted: (decision, _, notSynced) => void this.acted.push({ decision, notSynced }),
        dropped: (app, reason) => void this.dropped.push(`${app}: ${reason}`),
        invalid: () => undefined,
      },
      clock: this.clock,
    });
  }

  /** One tick, and what it waits for, a second at a time. */
  async run(seconds = 0): Promise<void> {
    const over = this.tick.run(new AbortController().signal);
    for (let second = 0; second < seconds; second += 1) await this.clock.advance(1_000);
    await over;
  }

  change(name: string, given: Partial<ApplicationState>): void {
    const application = this.applications.get(`argocd/${name}`);
    if (application) this.applications.set(`argocd/${name}`, { ...application, ...given });
  }

  #read(name: string): Promise<ApplicationState> {
    const application = this.applications.get(`argocd/${name}`);
    if (this.trouble.read) return Promise.reject(this.trouble.read);
    return application ? Promise.resolve(application) : Promise.reject(new ArgoError("notFound", "", { status: 404 }));
  }

  #stopFor(key: string): Stop | null {
    const app = this.config.apps.find((one) => `argocd/${one.name}` === key);
    return app ? stopOf(app, freezesOf(this.config, this.freezes ?? []), this.clock.wallMs()) : null;
  }

  #sync(request: SyncRequest): Promise<void> {
    this.syncs.push({ ...request, atMs: this.clock.wallMs() });
    if (this.trouble.sync) return Promise.reject(this.trouble.sync);
    if (this.answersAfterMs === 0) return Promise.resolve();
    return new Promise((resolve) => this.clock.after(this.answersAfterMs, resolve));
  }
}
