import { describe, expect, it } from "vitest";

import { decide } from "./decide.ts";
import { type AppSnapshot, untracked } from "./snapshot.ts";
import { app, config, names, reasonOf, snapshot, sunday, synced } from "./testing.ts";

const change = (objects: number, prunes: number): AppSnapshot["change"] => ({
  changedFields: objects,
  objects,
  kinds: [],
  prunes,
});
const settled = (pruned: boolean): AppSnapshot["track"] => ({ ...untracked, settled: { revision: "r2", pruned } });
const approval = { by: "x", untilMs: sunday + 1, revision: "r2" };

/** What becomes of one application, by policy or by apps.yaml. */
function fateOf(given: Partial<AppSnapshot>, prune?: "policy" | "app" | "defaults"): string {
  const apps = `apps: [{ name: a, r_i: 1${prune === "app" ? ", prune: true" : ""} }]`;
  const defaults = prune === "defaults" ? "\ndefaults: { prune: true }" : "";
  const policy = prune === "policy" ? "rollout: { prune: true }" : "";
  const decision = decide(config(policy, apps + defaults), snapshot({ a: app(given) }));
  return names(decision).join() || (reasonOf(decision, "a") ?? "nothing");
}

describe("R1: what a sync leaves OutOfSync", () => {
  it.each<[string, Partial<AppSnapshot>, "policy" | "app" | "defaults" | undefined, string]>([
    ["only deletions, prune off", { change: change(2, 2) }, undefined, "requires_pruning"],
    ["only deletions, prune on in the policy", { change: change(2, 2) }, "policy", "a"],
    ["only deletions, prune on for the application", { change: change(2, 2) }, "app", "a"],
    ["only deletions, prune on by default", { change: change(2, 2) }, "defaults", "a"],
    ["deletions and changes", { change: change(2, 1) }, undefined, "a"],
    ["deletions that pruning left", { change: change(1, 1), track: settled(true) }, "policy", "requires_pruning"],
    ["deletions left by a sync without pruning", { change: change(1, 1), track: settled(false) }, "policy", "a"],
    ["both left, prune turned on since", { change: change(2, 1), track: settled(false) }, "policy", "a"],
    ["what never comes in sync", { change: change(1, 0), track: settled(false) }, undefined, "never_in_sync"],
    ["the same, changes not assessed", { track: settled(false) }, undefined, "never_in_sync"],
    ["the same, pruned as well", { change: change(2, 1), track: settled(true) }, "policy", "never_in_sync"],
    ["the same, a new revision", { revision: "r3", change: change(1, 0), track: settled(false) }, undefined, "a"],
    ["the same, approved by name", { change: change(1, 0), track: settled(false), approval }, undefined, "a"],
    ["what could not be read", { change: change(0, 0) }, undefined, "a"],
  ])("%s", (_, given, prune, fate) => expect(fateOf(given, prune)).toBe(fate));

  it("keeps nobody waiting who depends on it, once it is healthy", () => {
    const pair = config("", "apps: [{ name: db, r_i: 1 }, { name: web, r_i: 1, dependsOn: [db] }]");
    const fate = (db: Partial<AppSnapshot>): string | undefined =>
      reasonOf(decide(pair, snapshot({ db: app(db), web: app() })), "web");
    expect(fate({ change: change(1, 1) })).toBeUndefined();
    expect(fate({ track: settled(false) })).toBeUndefined();
    expect(fate({ track: settled(false), health: "Progressing" })).toBe("waits_for_dependency");
    expect(fate({ revision: "r3", track: settled(false) })).toBe("waits_for_dependency");
    expect(fate(synced)).toBeUndefined();
  });
});
