import { describe, expect, it } from "vitest";

import type { Applications } from "../act/ports.ts";
import { operation, pendingApplication } from "../act/testing.ts";
import { Tracks } from "../act/tracks.ts";
import type { ApplicationState } from "../argocd/port.ts";
import { decide } from "../decide/decide.ts";
import type { HeldApp } from "../decide/decision.ts";
import type { Presence } from "../decide/snapshot.ts";
import { config, sunday } from "../decide/testing.ts";
import { observe, type Sources } from "./observe.ts";
import { Waiting } from "./waiting.ts";

interface World {
  readonly applications: Readonly<Record<string, Partial<ApplicationState>>>;
  readonly unreadable?: readonly string[];
  readonly current?: boolean;
  readonly notShown?: Presence;
}

/** What holds each application, with Argo CD as it is told. */
function heldBy(
  apps: string,
  { applications, unreadable = [], current = true, notShown = "hidden" }: World,
): Record<string, HeldApp> {
  const known = new Map(
    Object.entries(applications).map(([name, given]) => [`argocd/${name}`, pendingApplication({ name, ...given })]),
  );
  const below = (key: string): ApplicationState[] =>
    [...known.values()]
      .filter(({ parent }) => parent === key)
      .flatMap((child) => [child, ...below(`argocd/${child.name}`)]);
  const watch: Applications = {
    get: (key) => known.get(key),
    put: () => undefined,
    isCurrent: () => current,
    presence: (key) => (unreadable.includes(key) ? "unreadable" : known.has(key) ? "present" : notShown),
    descendants: below,
  };
  const sources: Sources = {
    applications: watch,
    releases: { release: () => undefined },
    tracks: new Tracks(),
    waiting: new Waiting(),
    changes: undefined,
    usage: () => ({ cpu: 0.1, memory: 0.1 }),
    override: () => null,
    unremembered: () => null,
    freezes: () => [],
  };
  const read = config("", apps);
  const decision = decide(read, observe(read, sources, { nowMs: sunday, lowHeadroomTicks: 0 }));
  return Object.fromEntries(decision.held.map((one) => [one.name, one]));
}

describe("R9: an application that Argo CD does not show", () => {
  const apps =
    "apps: [{ name: a, r_i: 1 }, { name: b, r_i: 1, namespace: clinic }, { name: c, r_i: 1, dependsOn: [a] }]";

  it("is named, with what may be the matter", () => {
    const held = heldBy(apps, { applications: { c: {} } });
    expect(held["a"]).toMatchObject({
      reason: "no_such_application",
      detail:
        "Argo CD shows no Application argocd/a: there is none of this name, or the token's account has no right to get it",
    });
    expect(held["b"]?.detail).toContain("clinic/b");
    expect(held["b"]?.detail).toContain("application.namespaces");
    expect(held["c"]).toMatchObject({ reason: "waits_for_dependency" });
    expect(held["c"]?.detail).toContain("a (no such application, or no right to read it)");
  });

  it("is said not to be there where the account may get all there are", () => {
    const held = heldBy(apps, { applications: { c: {} }, notShown: "absent" });
    expect(held["a"]?.detail).toBe("there is no Application argocd/a");
    expect(held["b"]?.detail).toContain("there is no Application clinic/b, or Argo CD takes none from that namespace");
    expect(held["c"]?.detail).toBe("needs a (no such application)");
  });

  it("is not said to be missing while nothing is heard, when it cannot be read, and when Argo CD does not know", () => {
    expect(heldBy(apps, { applications: {}, current: false })["a"]).toMatchObject({
      reason: "unknown_state",
      detail: "nothing is known of it yet",
    });
    expect(heldBy(apps, { applications: {}, unreadable: ["argocd/a"] })["a"]).toMatchObject({
      reason: "unknown_state",
      detail: "what Argo CD tells of it cannot be understood",
    });
    expect(heldBy(apps, { applications: { a: { sync: "Unknown" } } })["a"]?.detail).toContain("see the conditions");
  });
});

describe("R11: what an application that others depend on manages", () => {
  const apps = "apps: [{ name: web, r_i: 1, dependsOn: [root] }, { name: root, r_i: 1 }]";
  const root = { sync: "Synced" } as const;
  const fine = { sync: "Synced", parent: "argocd/root" } as const;
  const detailOf = (children: World["applications"]): string | undefined =>
    heldBy(apps, { applications: { web: {}, root, ...children } })["web"]?.detail;

  it("must be in sync and healthy as well, at any depth", () => {
    expect(detailOf({ one: fine })).toBeUndefined();
    expect(detailOf({ one: { ...fine, sync: "OutOfSync" } })).toBe("needs one (OutOfSync, Healthy) of root");
    expect(detailOf({ one: { ...fine, health: "Degraded" } })).toBe("needs one (Synced, Degraded) of root");
    const running = operation({ phase: "Running" });
    expect(detailOf({ one: { ...fine, operation: running } })).toBe("needs one (its release is under way) of root");
    expect(detailOf({ one: fine, two: { ...fine, parent: "argocd/one", sync: "Unknown" } })).toBe(
      "needs two (Unknown, Healthy) of root",
    );
  });

  it("R8: is told of with its namespace where its name is not enough", () => {
    const known = { web: {}, root, one: { ...fine, sync: "OutOfSync" as const } };
    const twice = `${apps.slice(0, -1)}, { name: one, r_i: 1 }, { name: team/one, r_i: 1 }]`;
    expect(heldBy(twice, { applications: known })["web"]?.detail).toBe("needs argocd/one (OutOfSync, Healthy) of root");
    expect(detailOf({ one: { ...fine, namespace: "team", sync: "OutOfSync" } })).toBe(
      "needs team/one (OutOfSync, Healthy) of root",
    );
  });

  it("is named, the first few", () => {
    const many = Object.fromEntries(
      ["a", "b", "c", "d", "e"].map((name) => [name, { ...fine, sync: "OutOfSync" as const }]),
    );
    expect(detailOf(many)).toMatch(/^needs a .*, b .*, c .* and 2 more of root$/);
  });

  it("holds nobody who does not depend on it", () => {
    expect(
      heldBy("apps: [{ name: web, r_i: 1 }]", { applications: { web: {}, one: { ...fine, sync: "OutOfSync" } } }),
    ).toEqual({});
  });
});
