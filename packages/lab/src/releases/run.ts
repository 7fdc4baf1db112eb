import type { ReleaseRecord, WaitRecord } from "./records.ts";
import type { LabView, ReleaseRule } from "./rule.ts";
import { type Scene, World } from "./world.ts";

/** A week as it went under one rule. */
export interface Replay {
  readonly scene: Scene;
  readonly rule: string;
  /** By start. */
  readonly releases: readonly ReleaseRecord[];
  readonly waits: readonly WaitRecord[];
  /** 1 for each tick at which the cluster was above a watermark. */
  readonly overloaded: Uint8Array;
}

const secondMs = 1000;

/** Plays a week. The rule is asked each tick, and each second while it follows a release. */
export function replay(scene: Scene, rule: ReleaseRule): Replay {
  const { week } = scene;
  const world = new World(scene);
  const overloaded = new Uint8Array(week.ticks);
  for (let tick = 0; tick < week.ticks; tick += 1) {
    const tickAtMs = week.startMs + tick * week.tickMs;
    ask(world, rule, { scene, nowMs: tickAtMs, tick });
    overloaded[tick] = world.isOverloaded() ? 1 : 0;
    const nextMs = Math.min(week.endMs, tickAtMs + week.tickMs);
    for (let nowMs = tickAtMs + secondMs; rule.following === true && nowMs < nextMs; nowMs += secondMs) {
      ask(world, rule, { scene, nowMs, tick: null });
    }
  }
  world.advance(week.endMs);
  return { scene, rule: rule.name, releases: world.releases, waits: world.waits, overloaded };
}

function ask(world: World, rule: ReleaseRule, at: { readonly scene: Scene } & Pick<LabView, "nowMs" | "tick">): void {
  const { scene, nowMs, tick } = at;
  world.advance(nowMs);
  const view: LabView = { nowMs, tick, week: scene.week, config: scene.config, usage: world.usage(), apps: world.apps };
  for (const name of rule.choose(view)) world.release(name);
}
