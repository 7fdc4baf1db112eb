import type { AppPolicy, Approval, Change, HealthStatus, SyncStatus } from "@walras/controller/carla";

import type { Arrival } from "./arrivals.ts";
import type { Ending } from "./failures.ts";
import type { ReleaseRecord, WaitRecord } from "./records.ts";
import type { LabApp, Operation } from "./rule.ts";

interface Wait {
  readonly sinceMs: number;
  /** The newest arrival that is delivered with it. */
  lastArrival: number;
  untilMs: number | null;
}

type Failure = Omit<ReleaseRecord, "recoveredMs"> & { recoveredMs: number | null };

/** No approval is good for longer. */
const approvalMs = 7 * 86_400_000;

/** One application: what was pushed, what is deployed, how it is. Rules see it as LabApp. */
export class AppState implements LabApp {
  readonly policy: AppPolicy;
  readonly index: number;
  /** Releases of the newest revision so far. */
  attempts = 0;
  /** When somebody will have repaired it. */
  repairedAtMs = Infinity;
  sync: SyncStatus = "Synced";
  health: HealthStatus = "Healthy";
  pendingSinceMs: number | null = null;
  operation: Operation | null = null;
  readonly records: Failure[] = [];
  readonly #arrivals: Arrival[] = [];
  readonly #waits: Wait[] = [];
  readonly #nowMs: () => number;
  /** Indices of arrivals; -1: the one before the week. */
  #deployed = -1;
  #released = -1;
  #before: { readonly health: HealthStatus; readonly repairedAtMs: number } = {
    health: "Healthy",
    repairedAtMs: Infinity,
  };

  constructor(policy: AppPolicy, index: number, nowMs: () => number) {
    this.policy = policy;
    this.index = index;
    this.#nowMs = nowMs;
  }

  get newest(): Arrival | null {
    return this.#arrivals.at(-1) ?? null;
  }

  get revision(): string | null {
    return this.newest?.revision ?? null;
  }

  get change(): Change | null {
    return this.sync === "OutOfSync" ? (this.newest?.change ?? null) : null;
  }

  get approval(): Approval | null {
    const { newest } = this;
    if (!newest || newest.approvedAtMs > this.#nowMs()) return null;
    return { by: "operator", untilMs: newest.approvedAtMs + approvalMs, revision: newest.revision };
  }

  get waits(): readonly WaitRecord[] {
    return this.#waits.map(({ sinceMs, untilMs }) => ({ app: this.policy.name, sinceMs, untilMs }));
  }

  arrive(arrival: Arrival): void {
    this.#arrivals.push(arrival);
    this.attempts = 0;
    const lastArrival = this.#arrivals.length - 1;
    const waiting = this.#waits.at(-1);
    if (waiting && waiting.lastArrival > this.#released) waiting.lastArrival = lastArrival;
    else this.#waits.push({ sinceMs: arrival.atMs, lastArrival, untilMs: null });
    this.sync = "OutOfSync";
    this.pendingSinceMs ??= arrival.atMs;
  }

  begin(record: Failure): void {
    this.attempts += 1;
    this.records.push(record);
    this.#released = this.#arrivals.length - 1;
    this.#before = { health: this.health, repairedAtMs: this.repairedAtMs };
    this.operation = { phase: "Running", startedAtMs: record.startMs, finishedAtMs: null, revision: record.revision };
    this.health = "Progressing";
    this.repairedAtMs = Infinity;
  }

  /** The operation is over; the rollout may not be. */
  operated(ending: Ending, nowMs: number): void {
    const succeeded = ending === "succeeds" || ending === "degraded";
    if (this.operation) {
      this.operation = { ...this.operation, phase: succeeded ? "Succeeded" : "Failed", finishedAtMs: nowMs };
    }
    if (succeeded) this.#deploy();
    else this.#released = this.#deployed;
    if (ending === "syncFails") {
      this.health = this.#before.health;
      this.repairedAtMs = this.#before.repairedAtMs;
    }
    if (ending === "stuck") this.health = "Degraded";
  }

  /** The newest deployed revision runs as it should: whatever was delivered with it has waited long enough. */
  recover(nowMs: number): void {
    this.health = "Healthy";
    this.repairedAtMs = Infinity;
    for (const wait of this.#waits) if (wait.lastArrival <= this.#deployed) wait.untilMs ??= nowMs;
    for (const record of this.records) if (record.ending !== "succeeds") record.recoveredMs ??= nowMs;
  }

  #deploy(): void {
    this.#deployed = this.#released;
    const next = this.#arrivals[this.#deployed + 1];
    this.sync = next ? "OutOfSync" : "Synced";
    this.pendingSinceMs = next?.atMs ?? null;
  }
}
