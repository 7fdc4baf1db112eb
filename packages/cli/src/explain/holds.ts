/** What a person can do about what holds an application back: docs/releases.md, one for each reason that is told. */
const byHold: Readonly<Record<string, readonly string[]>> = {
  HeldNoSuchApplication: ["the name in apps.yaml, or the right of CARLA's account to get it"],
  HeldUnknownState: ["Argo CD compares it again: argocd app get NAME --refresh"],
  HeldAutoSync: ["its spec.syncPolicy.automated taken away"],
  HeldFrozen: ["walras carla unfreeze, the end of the freeze, or its name among the exceptions"],
  HeldUnknownFreeze: ["the Lease carla-freeze can be read again, or is deleted"],
  HeldUnknownHeadroom: ["somebody says how full the cluster is: agents, metrics.k8s.io or Prometheus"],
  HeldLowHeadroom: ["less load, more nodes, or a lower min_headroom in the policy"],
  HeldOutsideAllowedWindow: ["the next opening of its window, which the message names"],
  HeldWindowTooShort: ["the next opening of its window, or a longer one"],
  HeldCondemnedRevision: ["another revision, or walras carla approve NAME --revision REVISION"],
  HeldBackingOff: ["the wait, which the message names, or another revision"],
  HeldWaitsForDependency: ["what it depends on is in sync and healthy"],
  HeldRequiresPruning: ["prune: true for it, in the policy or in apps.yaml"],
  HeldNeverInSync: ["another revision, or walras carla approve NAME --revision REVISION"],
  HeldHighRiskPaused: ["walras carla approve NAME"],
  HeldOverRmax: ["a larger rmax in the policy, or a smaller r of it in apps.yaml"],
  HeldBudgetSpent: ["what is in flight of the same budget ends"],
  HeldReservedForStarving: ["what has starved longer is released first"],
  ReleaseFailed: ["another revision; it is tried again after a wait that doubles"],
  ReleaseRefused: ["the right of CARLA's account to sync it: the message is Argo CD's"],
};

/** @param app `namespace/name`, put where NAME is */
export function holdChanges(reason: string, app: string): string[] {
  return (byHold[reason] ?? []).map((text) => text.replace("NAME", app));
}
