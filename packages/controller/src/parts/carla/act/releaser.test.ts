import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { seededRng, silentLogger, VirtualClock } from "@walras/kit";
import { afterEach, describe, expect, it } from "vitest";

import { type ApplicationState, ArgoError, type SyncRequest } from "../argocd/port.ts";
import { FileJournal, type JournalPort, MemoryJournal } from "./journal.ts";
import { Releaser } from "./releaser.ts";
import type { Outcome } from "./release.ts";
import { operation, pendingApplication } from "./testing.ts";
import { Tracks } from "./tracks.ts";

const rollout = {
  timeoutMs: 600_000,
  healthyHoldMs: 10_000,
  degradedGraceMs: 60_000,
  rollback: true,
  backoffFirstMs: 60_000,
  backoffMaxMs: 3_600_000,
  rolloutAlpha: 0.2,
};

interface Stage {
  readonly clock: VirtualClock;
  readonly releaser: Releaser;
  readonly tracks: Tracks;
  readonly syncs: SyncRequest[];
  readonly outcomes: [string, Outcome][];
  readonly refusals: string[];
  /** What the next sync throws. */
  trouble: ArgoError | null;
  current: boolean;
  refreshes: number;
  /** How many terminations fail before one is taken up. */
  conflicts: number;
  terminations: number;
  application: ApplicationState;
}

function stage(journal: JournalPort = new MemoryJournal()): Stage {
  const clock = new VirtualClock();
  const tracks = new Tracks();
  const it_: Omit<Stage, "releaser"> = {
    clock,
    tracks,
    syncs: [],
    outcomes: [],
    refusals: [],
    trouble: null,
    current: true,
    refreshes: 0,
    conflicts: 0,
    terminations: 0,
    application: pendingApplication(),
  };
  const releaser = new Releaser({
    actor: {
      sync: (request) => {
        it_.syncs.push(request);
        return it_.trouble ? Promise.reject(it_.trouble) : Promise.resolve();
      },
      terminate: () => {
        it_.terminations += 1;
        if (it_.terminations <= it_.conflicts)
          return Promise.reject(new ArgoError("unreachable", "Too many conflicts", { status: 500 }));
        const ended = { phase: "Failed", message: "Operation terminated" } as const;
        it_.application = { ...it_.application, operation: { ...it_.application.operation!, ...ended } };
        return Promise.resolve();
      },
      refresh: () => {
        it_.refreshes += 1;
        it_.application = { ...it_.application, reconciledAtMs: it_.application.reconciledAtMs! + 100_000 };
        return Promise.resolve(it_.application);
      },
    },
    applications: {
      get: () => it_.application,
      put: (one) => void (it_.application = one),
      isCurrent: () => it_.current,
    },
    journal,
    tracks,
    observer: {
      asked: () => undefined,
      adopted: () => undefined,
      ended: ({ app }, outcome) => it_.outcomes.push([app, outcome]),
      refused: (_, message) => it_.refusals.push(message),
    },
    policy: () => rollout,
    clock,
    rng: seededRng(1),
    logger: silentLogger,
  });
  return Object.assign(it_, { releaser });
}

async function ask(world: Stage): Promise<void> {
  const { application } = world;
  await world.releaser.ask({ app: "metallb", application, revisions: application.revisions, approvedBy: null });
}

/** Argo CD takes up the last sync and is done with it. */
function operate(world: Stage, given: Partial<ApplicationState> = {}): void {
  const { releaseId, revisions } = world.syncs.at(-1)!;
  world.application = pendingApplication({
    sync: "Synced",
    revisions,
    operation: operation({ releaseId, revisions }),
    reconciledAtMs: 11_000,
    ...given,
  });
}

async function follow(world: Stage, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    world.releaser.follow();
    await world.clock.advance(1_000);
  }
}

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
    expect(world.outcomes).toEqual([["metallb", { kind: "succeeded" }]]);
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
    expect(world.outcomes).toEqual([["metallb", { kind: "succeeded" }]]);
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
    expect(world.outcomes).toEqual([["metallb", { kind: "succeeded" }]]);
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
    expect(second.outcomes).toEqual([["metallb", { kind: "succeeded" }]]);
    await second.releaser.stop();

    const third = stage(new FileJournal(file, silentLogger));
    await third.releaser.remember();
    third.releaser.adopt("metallb", { ...second.application, health: "Progressing" });
    expect(third.releaser.inFlight()).toEqual([]);
    expect(third.tracks.averageMs("metallb")).not.toBeNull();
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
