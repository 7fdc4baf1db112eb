import { seededRng, silentLogger, VirtualClock } from "@walras/kit";

import { type ApplicationState, ArgoError, type SyncRequest } from "../../argocd/port.ts";
import type { Stop } from "../../decide/freeze.ts";
import { type JournalPort, MemoryJournal } from "../journal.ts";
import { ProcessMemory } from "../memory.ts";
import type { Outcome } from "../release.ts";
import { Releaser } from "../releaser.ts";
import { operation, pendingApplication } from "../testing.ts";
import { Tracks } from "../tracks.ts";

const rollout = {
  timeoutMs: 600_000,
  healthyHoldMs: 10_000,
  degradedGraceMs: 60_000,
  rollback: true,
  prune: false,
  backoffFirstMs: 60_000,
  backoffMaxMs: 3_600_000,
  rolloutAlpha: 0.2,
};

export interface Stage {
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
  stop: Stop | null;
  readonly memory: ProcessMemory;
}

export function stage(journal: JournalPort = new MemoryJournal(), memory = new ProcessMemory()): Stage {
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
    stop: null,
    memory,
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
      presence: () => "present",
      descendants: () => [],
    },
    journal,
    memory: it_.memory,
    tracks,
    observer: {
      asked: () => undefined,
      adopted: () => undefined,
      ended: ({ app }, outcome) => it_.outcomes.push([app, outcome]),
      refused: (_, message) => it_.refusals.push(message),
    },
    policy: () => rollout,
    stopFor: () => it_.stop,
    clock,
    rng: seededRng(1),
    logger: silentLogger,
  });
  return Object.assign(it_, { releaser });
}

export async function ask(world: Stage): Promise<void> {
  const { application } = world;
  await world.releaser.ask({
    app: "metallb",
    application,
    revisions: application.revisions,
    approvedBy: null,
    prune: false,
  });
}

/** Argo CD takes up the last sync and is done with it. */
export function operate(world: Stage, given: Partial<ApplicationState> = {}): void {
  const { releaseId, revisions } = world.syncs.at(-1)!;
  world.application = pendingApplication({
    sync: "Synced",
    revisions,
    operation: operation({ releaseId, revisions }),
    reconciledAtMs: 11_000,
    ...given,
  });
}

export async function follow(world: Stage, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    world.releaser.follow();
    await world.clock.advance(1_000);
  }
}
