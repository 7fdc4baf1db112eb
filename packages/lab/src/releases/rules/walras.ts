import { type AppSnapshot, decide, headroomOf, Tracks } from "@walras/controller/carla";

import { Openings } from "../openings.ts";
import { isOperating, isWaiting, type LabApp, type LabView, type ReleaseRule } from "../rule.ts";
import { Follower } from "./follower.ts";

/**
 * The controller's own `decide`, its memory of failures and its way to follow
 * releases: it decides each tick, and as soon as a release has ended. Failed
 * releases are not rolled back, as with the policy's default.
 */
export class Walras implements ReleaseRule {
  readonly name = "walras";
  readonly #tracks = new Tracks();
  readonly #follower = new Follower(this.#tracks);
  readonly #openings = new Openings();
  readonly #savesDecisions: boolean;
  #lowHeadroomTicks = 0;

  /** @param savesDecisions those of which it is plain that they release nothing: most of a week's */
  constructor(savesDecisions = true) {
    this.#savesDecisions = savesDecisions;
  }

  get following(): boolean {
    return this.#follower.busy;
  }

  choose(view: LabView): readonly string[] {
    const ended = this.#follower.look(view.apps, view.config.policy, view.nowMs);
    if (view.tick === null && !ended) return [];
    const lowHeadroomTicks = this.#lowHeadroomTicks;
    this.#lowHeadroomTicks = isLow(view) ? lowHeadroomTicks + 1 : 0;
    if (this.#savesDecisions && !this.#mayRelease(view)) return [];
    const apps = new Map(view.apps.map((app) => [app.policy.name, this.#snapshot(app, view.nowMs)]));
    const snapshot = { nowMs: view.nowMs, usage: view.usage, apps, lowHeadroomTicks, override: false };
    const names = decide(view.config, snapshot).selected.map(({ name }) => name);
    for (const app of view.apps) if (names.includes(app.policy.name)) this.#follower.begin(app, view.nowMs);
    return names;
  }

  #mayRelease({ apps, nowMs }: LabView): boolean {
    return apps.some((app) => isWaiting(app) && this.#openings.isOpen(app.policy.calendar, nowMs));
  }

  #snapshot(app: LabApp, nowMs: number): AppSnapshot {
    const { policy, sync, health, revision, pendingSinceMs, change, approval } = app;
    const inFlight = isOperating(app) || this.#follower.follows(policy.name);
    return {
      sync,
      health,
      revision,
      inFlight,
      autoSync: false,
      deleting: false,
      pendingSinceMs,
      change: sync === "OutOfSync" && !inFlight ? change : undefined,
      track: this.#tracks.track(policy.name, nowMs),
      approval,
      expectedMs: this.#tracks.averageMs(policy.name),
    };
  }
}

function isLow({ usage, config: { policy } }: LabView): boolean {
  const headroom = headroomOf(usage, policy);
  return headroom === null || headroom < policy.minHeadroom;
}
