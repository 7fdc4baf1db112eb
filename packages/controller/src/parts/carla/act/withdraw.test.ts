import { describe, expect, it } from "vitest";

import type { Stop } from "../decide/freeze.ts";
import { operation } from "./testing.ts";
import { ask, follow, operate, type Stage, stage } from "./testing/stage.ts";

const closed = (sinceMs: number): Stop => ({ reason: "window_closed", sinceMs, scope: "unbegun" });
const frozen: Stop = { reason: "frozen", sinceMs: 0, scope: "all" };

/** Argo CD has the operation, and has not begun it. */
function park(world: Stage): void {
  world.application = { ...world.application, operationRequested: true };
}

/** Argo CD begins it, by its own clock. */
function begin(world: Stage, startedAtMs: number): void {
  const { releaseId, revisions } = world.syncs.at(-1)!;
  world.application = {
    ...world.application,
    operationRequested: false,
    operation: operation({ phase: "Running", finishedAtMs: null, startedAtMs, releaseId, revisions }),
  };
}

const takenBack = (reason: string): object => ({ kind: "withdrawn", reason, message: "Operation terminated" });

describe("R14: what stands against a release", () => {
  it("keeps it from being asked for, up to the last moment", async () => {
    const world = stage();
    world.stop = closed(0);
    const asked = await world.releaser.ask({
      app: "metallb",
      application: world.application,
      revisions: [],
      approvedBy: null,
      prune: false,
    });
    expect([asked, world.syncs, world.releaser.inFlight()]).toEqual([
      { kind: "refused", why: "window_closed" },
      [],
      [],
    ]);
  });

  it("has an operation that is not begun when the window closes ended as soon as Argo CD begins it", async () => {
    const world = stage();
    await ask(world);
    park(world);
    await follow(world, 5);
    expect(world.terminations).toBe(0);
    world.stop = closed(world.clock.wallMs());
    world.conflicts = 10;
    await follow(world, 10);
    expect(world.terminations).toBeGreaterThanOrEqual(9);
    expect(world.outcomes).toEqual([]);
    begin(world, world.clock.wallMs());
    await follow(world, 4);
    expect(world.outcomes).toEqual([["metallb", takenBack("window_closed")]]);
    expect(world.syncs).toHaveLength(1);
    expect(world.tracks.track("metallb", world.clock.wallMs())).toMatchObject({
      failedAtMs: [],
      condemnedRevision: null,
    });
  });

  it("lets an operation go on that began before the window closed, whenever it is seen", async () => {
    const world = stage();
    await ask(world);
    begin(world, world.clock.wallMs());
    world.stop = closed(world.clock.wallMs() + 1);
    await follow(world, 30);
    expect([world.terminations, world.outcomes]).toEqual([0, []]);
    operate(world, { reconciledAtMs: 200_000 });
    await follow(world, 12);
    expect(world.outcomes).toEqual([["metallb", { kind: "succeeded", outOfSync: false }]]);
  });

  it("lets go on what runs when windows are changed so that they were closed all along", async () => {
    const world = stage();
    await ask(world);
    begin(world, world.clock.wallMs());
    await follow(world, 2);
    world.stop = closed(0);
    await follow(world, 10);
    expect([world.terminations, world.outcomes]).toEqual([0, []]);
  });

  it("lets what has not begun go on when a freeze is lifted before Argo CD comes to it", async () => {
    const world = stage();
    await ask(world);
    park(world);
    world.stop = { ...frozen, scope: "unbegun" };
    world.conflicts = 10;
    await follow(world, 5);
    world.stop = null;
    await follow(world, 1);
    begin(world, world.clock.wallMs());
    await follow(world, 5);
    expect(world.outcomes).toEqual([]);
    expect(world.releaser.release("metallb")?.phase).toBe("syncing");
  });

  it("is taken back by the next process too, when Argo CD begins it too late", async () => {
    const world = stage();
    await ask(world);
    begin(world, world.clock.wallMs());
    const next = stage();
    next.application = world.application;
    next.stop = closed(next.clock.wallMs() - 1);
    await next.releaser.remember();
    next.releaser.adopt("metallb", {
      ...world.application,
      operation: { ...world.application.operation!, startedAtMs: next.clock.wallMs() },
    });
    next.application = {
      ...world.application,
      operation: { ...world.application.operation!, startedAtMs: next.clock.wallMs() },
    };
    await follow(next, 3);
    expect(next.outcomes).toEqual([["metallb", takenBack("window_closed")]]);
  });

  it("is ended in any case by a freeze that ends what is in flight, and is not rolled back", async () => {
    const world = stage();
    await ask(world);
    begin(world, world.clock.wallMs());
    await follow(world, 5);
    world.stop = { ...frozen, sinceMs: world.clock.wallMs() };
    await follow(world, 3);
    expect(world.outcomes).toEqual([["metallb", takenBack("frozen")]]);
    expect(world.syncs).toHaveLength(1);
  });

  it("does not end what has been synced already", async () => {
    const world = stage();
    await ask(world);
    operate(world, { health: "Progressing", reconciledAtMs: 200_000 });
    world.stop = frozen;
    await follow(world, 5);
    expect([world.terminations, world.outcomes]).toEqual([0, []]);
  });

  it.each<[string, Stop, number]>([
    ["goes through a window that closed: what is broken does not wait", closed(0), 2],
    ["does not go through a freeze that ends what is in flight", frozen, 1],
  ])("a rollback %s", async (_, stop, syncs) => {
    const world = stage();
    await ask(world);
    operate(world, { health: "Degraded", reconciledAtMs: 200_000 });
    world.stop = stop;
    await follow(world, 62);
    expect(world.outcomes).toMatchObject([["metallb", { reason: "degraded" }]]);
    expect(world.syncs).toHaveLength(syncs);
  });
});
