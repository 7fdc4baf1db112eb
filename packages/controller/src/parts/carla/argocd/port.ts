import type { HealthStatus, SyncStatus } from "../decide/snapshot.ts";

/** Which Application. */
export interface ApplicationRef {
  readonly namespace: string;
  readonly name: string;
}

export const operationPhases = ["Running", "Terminating", "Failed", "Error", "Succeeded"] as const;
export type OperationPhase = (typeof operationPhases)[number];

/** The last operation on an Application, or the one under way. */
export interface OperationState {
  readonly phase: OperationPhase;
  /** Argo CD's clock, milliseconds since the epoch, whole seconds. */
  readonly startedAtMs: number;
  readonly finishedAtMs: number | null;
  readonly message: string;
  /** What was synced, one for each source. */
  readonly revisions: readonly string[];
  /** The release this operation is of; null: it is not ours. */
  readonly releaseId: string | null;
  readonly username: string;
  /** It was to delete what is no longer wanted. */
  readonly prune: boolean;
}

/** An Application trimmed to what decisions need. */
export interface ApplicationState extends ApplicationRef {
  readonly uid: string;
  /** Of the object; grows with each change. */
  readonly resourceVersion: string;
  readonly project: string;
  readonly sync: SyncStatus;
  readonly health: HealthStatus;
  /** What the live state was compared with, one for each source; empty: not known. */
  readonly revisions: readonly string[];
  /** What spec asks for, one for each source. */
  readonly targetRevisions: readonly string[];
  readonly multiSource: boolean;
  readonly autoSync: boolean;
  readonly deleting: boolean;
  /** An operation was asked for and has not begun. */
  readonly operationRequested: boolean;
  readonly operation: OperationState | null;
  /** Argo CD's clock, milliseconds since the epoch; null: never, or not told. */
  readonly reconciledAtMs: number | null;
  /** Only those of carla.ops. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Where it is deployed to: name and address of the cluster, those of both that are told. */
  readonly clusters: readonly string[];
  /** "namespace/name" of the Application that manages it; null: none does. */
  readonly parent: string | null;
  /** Newest last: what was deployed before. */
  readonly history: readonly { readonly id: number; readonly revisions: readonly string[] }[];
}

/** A change of one Application, as the stream tells it. */
export type ApplicationEvent =
  | { readonly type: "present"; readonly application: ApplicationState }
  /** It is there, and what is told of it cannot be understood. */
  | { readonly type: "unreadable"; readonly application: ApplicationRef }
  | { readonly type: "deleted"; readonly application: ApplicationRef };

/** What a list tells: enough to see that the stream lost something. */
export interface ApplicationDigest extends ApplicationRef {
  readonly sync: SyncStatus;
  readonly health: HealthStatus;
  readonly phase: OperationPhase | null;
}

/** One object that a release would change. States are JSON as Argo CD compares them; null: absent. */
export interface ManagedResource {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly live: unknown;
  readonly predicted: unknown;
}

/** What is asked of Argo CD. */
export interface SyncRequest extends ApplicationRef {
  readonly project: string;
  /** Kept in the operation, by which it is known again. */
  readonly releaseId: string;
  /** Empty: what spec asks for. One for each source otherwise. */
  readonly revisions: readonly string[];
  /** Deletes what is no longer wanted. */
  readonly prune: boolean;
}

/** Reading Applications. @throws ArgoError */
export interface ArgoReader {
  list(signal: AbortSignal): Promise<readonly ApplicationDigest[]>;
  /** Every Application as it is, then every change; ends when the server ends it. */
  stream(signal: AbortSignal): AsyncIterable<ApplicationEvent>;
  get(ref: ApplicationRef, project: string, signal: AbortSignal): Promise<ApplicationState>;
  /** Whether the account may get every Application there is: one that is not shown to it is not there then. */
  seesAll(signal: AbortSignal): Promise<boolean>;
}

/** Acting on Applications. @throws ArgoError */
export interface ArgoActor {
  sync(request: SyncRequest, signal: AbortSignal): Promise<void>;
  terminate(ref: ApplicationRef, project: string, signal: AbortSignal): Promise<void>;
  /** Has the Application compared anew; answers when that is done. */
  refresh(ref: ApplicationRef, project: string, signal: AbortSignal): Promise<ApplicationState>;
}

/** What a release would change. @throws ArgoError */
export interface ArgoChanges {
  managedResources(ref: ApplicationRef, project: string, signal: AbortSignal): Promise<readonly ManagedResource[]>;
}

/** Why a call failed, in terms of what to do about it. */
export type ArgoFailure =
  /** No answer, or a 5xx: what was asked may or may not have been done. */
  | "unreachable"
  | "unauthorized"
  | "forbidden"
  | "notFound"
  | "operationInProgress"
  | "noOperation"
  | "blockedBySyncWindow"
  /** Asked for something that Argo CD will not do. */
  | "rejected"
  /** An answer that cannot be read. */
  | "malformed";

export class ArgoError extends Error {
  readonly failure: ArgoFailure;
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;

  constructor(failure: ArgoFailure, message: string, options: { status: number; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "ArgoError";
    this.failure = failure;
    this.status = options.status;
  }
}
