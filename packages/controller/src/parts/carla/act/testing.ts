import type { ApplicationState, OperationState } from "../argocd/port.ts";

/** An Application as it is when a change waits. */
export function pendingApplication(given: Partial<ApplicationState> = {}): ApplicationState {
  return {
    namespace: "argocd",
    name: "metallb",
    uid: "u-metallb",
    resourceVersion: "1",
    project: "default",
    sync: "OutOfSync",
    health: "Healthy",
    revisions: ["r2"],
    targetRevisions: ["main"],
    multiSource: false,
    autoSync: false,
    deleting: false,
    operationRequested: false,
    operation: null,
    reconciledAtMs: 1_000,
    annotations: {},
    labels: {},
    clusters: ["https://kubernetes.default.svc"],
    parent: null,
    history: [{ id: 0, revisions: ["r1"] }],
    ...given,
  };
}

/** An operation of ours that succeeded. */
export function operation(given: Partial<OperationState> = {}): OperationState {
  return {
    phase: "Succeeded",
    startedAtMs: 10_000,
    finishedAtMs: 12_000,
    message: "",
    revisions: ["r2"],
    releaseId: "rel-1",
    username: "carla",
    prune: false,
    ...given,
  };
}
