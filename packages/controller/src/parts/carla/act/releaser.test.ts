import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { silentLogger } from "@walras/kit";
import { afterEach, describe, expect, it } from "vitest";

import { ArgoError } from "../argocd/port.ts";
import { FileJournal } from "./journal.ts";
import { operation } from "./testing.ts";
import { ask, follow, operate, stage } from "./testing/stage.ts";

const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));

function journalFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "journal-"));
  folders.push(folder);
  return join(folder, "data", "releases.jsonl");
}

describe("the releaser", () => {
  it("carries a release from the request to healthy, and asks for a comparison on the way", async () => {
    const world = stage();
    await ask(world);
    expect(world.syncs).toMatchObject([
      { namespace: "argocd", name: "metallb", project: "default", revisions: ["r2"] },
    ]);
    operate(world);
    await follow(world, 12);
    expect(world.refreshes).toBe(1);
    expect(world.outcomes).toEqual([["metallb", { kind: "succeeded", outOfSync: false }]]);
    expect(world.releaser.inFlight()).toEqual([]);
    expect(world.tracks.averageMs("metallb")).toBeGreaterThanOrEqual(10_000);
  });

  it("learns from the operation's mark that a sync whose answer was lost was done", async () => {
    const world = stage();
    world.trouble = new ArgoError("unreachable", "socket hang up", { status: 0 });
    await ask(world);
    expect(world.releaser.release("metallb")?.phase).toBe("asked");
    operate(world);
    await follow(world, 20);
    expect(world.syncs).toHaveLength(1);
    expect(world.outcomes).toEqual([["metallb", { kind: "succeeded", outOfSync: false }]]);
  });

  it("gives up a sync that left no trace, without counting a failure", async () => {
    const world = stage();
    world.trouble = new ArgoError("unreachable", "connection refused", { status: 0 });
    await ask(world);
    await follow(world, 35);
    expect(world.outcomes).toMatchObject([["metallb", { kind: "failed", reason: "not_started" }]]);
    expect(world.tracks.track("metallb", world.clock.wallMs())).toMatchObject({ failedAtMs: [] });
  });

  it("postpones what Argo CD's own rules refuse, and says so", async () => {
    const world = stage();
    world.trouble = new ArgoError("blockedBySyncWindow", "cannot sync: blocked by sync window", { status: 403 });
    await ask(world);
    expect(world.releaser.inFlight()).toEqual([]);
    expect(world.refusals).toEqual(["cannot sync: blocked by sync window"]);
    expect(world.tracks.track("metallb", 0)).toMatchObject({
      failedAtMs: [],
      retryAtMs: world.clock.wallMs() + 60_000,
    });
  });

  it("holds still while nothing is heard of Applications", async () => {
    const world = stage();
    await ask(world);
    operate(world, { reconciledAtMs: 200_000 });
    await follow(world, 8);
    world.current = false;
    await follow(world, 60);
    world.current = true;
    await follow(world, 9);
    expect(world.outcomes).toEqual([]);
    await follow(world, 3);
    expect(world.outcomes).toEqual([["metallb", { kind: "succeeded", outOfSync: false }]]);
  });

  it("asks again until an operation that ran out of time has ended, and rolls back then", async () => {
    const world = stage();
    world.conflicts = 2;
    await ask(world);
    const { releaseId, revisions } = world.syncs[0]!;
    const running = operation({ phase: "Running", finishedAtMs: null, releaseId, revisions });
    operate(world, { sync: "OutOfSync", operation: running });
    await follow(world, 605);
    expect([world.terminations, world.outcomes, world.syncs.length]).toEqual([1, [], 1]);
    await follow(world, 10);
    expect(world.terminations).toBe(3);
    expect(world.outcomes).toEqual([
      ["metallb", { kind: "failed", reason: "timeout", message: "Operation terminated" }],
    ]);
    expect(world.syncs.map((sync) => sync.revisions)).toEqual([["r2"], ["r1"]]);
  });

  it("rolls back once to what was healthy, and condemns what failed", async () => {
    const world = stage();
    await ask(world);
    operate(world, { health: "Degraded", reconciledAtMs: 200_000 });
    await follow(world, 62);
    expect(world.outcomes).toMatchObject([["metallb", { reason: "degraded" }]]);
    expect(world.syncs.map(({ revisions }) => revisions)).toEqual([["r2"], ["r1"]]);
    expect(world.tracks.track("metallb", world.clock.wallMs()).condemnedRevision).toBe("r2");
    operate(world, { health: "Degraded", reconciledAtMs: 400_000 });
    await follow(world, 62);
    expect(world.syncs).toHaveLength(2);
  });

  it("R1: neither rolls back nor condemns what never comes in sync, in this process and the next", async () => {
    const file = journalFile();
    const world = stage(new FileJournal(file, silentLogger));
    await ask(world);
    operate(world, { sync: "OutOfSync", reconciledAtMs: 200_000 });
    await follow(world, 62);
    expect(world.outcomes).toEqual([["metallb", { kind: "succeeded", outOfSync: true }]]);
    expect(world.syncs).toHaveLength(1);
    const settled = { failedAtMs: [], condemnedRevision: null, settled: { revision: "r2", pruned: false } };
    expect(world.tracks.track("metallb", world.clock.wallMs())).toMatchObject(settled);
    await world.releaser.stop();
    const next = stage(new FileJournal(file, silentLogger));
    await next.releaser.remember();
    expect(next.tracks.track("metallb", next.clock.wallMs())).toMatchObject(settled);
    next.tracks.inSync("metallb", next.clock.wallMs());
    expect(next.tracks.track("metallb", next.clock.wallMs()).settled).toBeNull();
  });

  it("R1: deletes what is no longer wanted only where it is told to", async () => {
    const world = stage();
    await ask(world);
    expect(world.syncs[0]).toMatchObject({ prune: false });
    const other = stage();
    await other.releaser.ask({
      app: "metallb",
      application: other.application,
      revisions: [],
      approvedBy: null,
      prune: true,
    });
    expect(other.syncs[0]).toMatchObject({ prune: true });
  });

  it("is remembered by the next process: a release under way is taken up, one that is over is not", async () => {
    const file = journalFile();
    const first = stage(new FileJournal(file, silentLogger));
    await ask(first);
    const startedAtMs = first.clock.wallMs();
    const { releaseId, revisions } = first.syncs[0]!;
    const ours = operation({ releaseId, revisions, startedAtMs, finishedAtMs: startedAtMs + 1_000 });
    operate(first, { health: "Progressing", operation: ours, reconciledAtMs: startedAtMs + 2_000 });
    await follow(first, 3);
    await first.releaser.stop();

    const second = stage(new FileJournal(file, silentLogger));
    second.application = { ...first.application, health: "Healthy" };
    await second.releaser.remember();
    second.releaser.adopt("metallb", { ...second.application, health: "Progressing" });
    expect(second.releaser.release("metallb")).toMatchObject({ phase: "verifying" });
    await follow(second, 12);
    expect(second.outcomes).toEqual([["metallb", { kind: "succeeded", outOfSync: false }]]);
    await second.releaser.stop();

    const third = stage(new FileJournal(file, silentLogger));
    await third.releaser.remember();
    third.releaser.adopt("metallb", { ...second.application, health: "Progressing" });
    expect(third.releaser.inFlight()).toEqual([]);
    expect(third.tracks.averageMs("metallb")).not.toBeNull();
  });

  it("remembers a sync that left no trace as no failure", async () => {
    const file = journalFile();
    const first = stage(new FileJournal(file, silentLogger));
    first.trouble = new ArgoError("unreachable", "connection refused", { status: 0 });
    await ask(first);
    await follow(first, 35);
    await first.releaser.stop();
    const second = stage(new FileJournal(file, silentLogger));
    await second.releaser.remember();
    expect(second.tracks.track("metallb", second.clock.wallMs()).failedAtMs).toEqual([]);
  });

  it("remembers failures by the journal, and by Argo CD where there is no journal", async () => {
    const file = journalFile();
    const first = stage(new FileJournal(file, silentLogger));
    await ask(first);
    operate(first, { operation: operation({ phase: "Failed", releaseId: first.syncs[0]!.releaseId }) });
    await follow(first, 1);
    await first.releaser.stop();
    const second = stage(new FileJournal(file, silentLogger));
    await second.releaser.remember();
    expect(second.tracks.track("metallb", second.clock.wallMs()).failedAtMs).toHaveLength(1);

    const witness = stage();
    witness.releaser.adopt("metallb", {
      ...first.application,
      operation: operation({ phase: "Failed", startedAtMs: witness.clock.wallMs() }),
    });
    expect(witness.tracks.track("metallb", witness.clock.wallMs()).failedAtMs).toHaveLength(1);
  });

  it("leaves out a broken line of the journal, and keeps the others", async () => {
    const file = journalFile();
    const journal = new FileJournal(file, silentLogger);
    const entry = { event: "condemned", at: "2026-01-01T00:00:00.000Z", app: "a", id: "1", revision: "r" } as const;
    await journal.append(entry);
    writeFileSync(file, `${readFileSync(file, "utf8")}{"event":"cond\n`);
    await journal.append({ ...entry, id: "2" });
    expect((await journal.read()).map(({ id }) => id)).toEqual(["1", "2"]);
  });
});
