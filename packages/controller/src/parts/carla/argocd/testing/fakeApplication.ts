import { randomUUID } from "node:crypto";

import type { HealthStatus, SyncStatus } from "../../decide/snapshot.ts";
import type { OperationPhase } from "../port.ts";

/** How an Application behaves when it is synced. */
export interface Behaviour {
  /** Milliseconds that the operation runs. */
  readonly operationMs: number;
  readonly phase: Extract<OperationPhase, "Succeeded" | "Failed">;
  /** What its health is after a sync that succeeded. */
  readonly health: HealthStatus;
}

/** One Application of the fake. */
export class FakeApplication {
  readonly namespace: string;
  readonly name: string;
  readonly project: string;
  readonly uid = randomUUID();
  behaviour: Behaviour = { operationMs: 50, phase: "Succeeded", health: "Healthy" };
  revisions: string[];
  readonly sourceCount: number;
  sync: SyncStatus = "OutOfSync";
  /** Also what no client knows: newer ones have other words. */
  health: HealthStatus | "Refreshing" = "Missing";
  reconciledAtMs: number;
  operation: object | undefined;
  operationState: Record<string, unknown> | undefined;
  readonly history: { id: number; revisions: string[] }[] = [];
  version = 1;
  /** ConfigMaps that are live and no longer in git. */
  readonly gone: string[] = [];
  /** Somebody else writes into what is synced: it is never in sync. */
  contested = false;

  /** What git has now was synced last. */
  get deployed(): boolean {
    return this.history.at(-1)?.revisions.join() === this.revisions.join();
  }
  /** Everything that differs from a sync, as managed-resources tells it. */
  readonly data: Record<string, string> = { version: "1" };

  constructor(given: { namespace: string; name: string; project: string; revisions: string[]; nowMs: number }) {
    this.namespace = given.namespace;
    this.name = given.name;
    this.project = given.project;
    this.revisions = given.revisions;
    this.sourceCount = given.revisions.length;
    this.reconciledAtMs = given.nowMs;
  }

  /** As the API writes it. */
  toJSON(): object {
    const several = this.sourceCount > 1;
    const source = { repoURL: "https://git.example.org/repo", targetRevision: "main" };
    const revisions = (of: readonly string[]): object => (several ? { revisions: of } : { revision: of[0] });
    return {
      metadata: { name: this.name, namespace: this.namespace, uid: this.uid, resourceVersion: String(this.version) },
      spec: { project: this.project, ...(several ? { sources: this.revisions.map(() => source) } : { source }) },
      ...(this.operation ? { operation: this.operation } : {}),
      status: {
        sync: { status: this.sync, ...revisions(this.revisions) },
        health: { status: this.health },
        reconciledAt: instant(this.reconciledAtMs),
        history: this.history.map(({ id, revisions: of }) => ({ id, ...revisions(of) })),
        ...(this.operationState ? { operationState: this.operationState } : {}),
      },
    };
  }
}

/** What a sync was asked for, and what came of it, name revisions by. */
export function syncField({ sourceCount }: FakeApplication, revisions: readonly string[]): object {
  return sourceCount > 1 ? { revisions } : { revision: revisions[0] };
}

/** What it manages, as it is and as the next sync would make it. */
export function managedResources({ sync, name, data, gone, contested, deployed }: FakeApplication): object[] {
  const object = (of: object): string =>
    JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: of });
  const isDone = sync === "Synced" || (deployed && !contested);
  const live = isDone ? object(data) : object({ version: "before" });
  return [
    { kind: "ConfigMap", name, namespace: "default", normalizedLiveState: live, predictedLiveState: object(data) },
    ...gone.map((left) => ({
      kind: "ConfigMap",
      name: left,
      namespace: "default",
      normalizedLiveState: object({ of: left }),
      predictedLiveState: "null",
    })),
  ];
}

/** Argo CD's times are whole seconds. */
export function instant(ms: number): string {
  return new Date(Math.floor(ms / 1000) * 1000).toISOString().replace(".000Z", "Z");
}
