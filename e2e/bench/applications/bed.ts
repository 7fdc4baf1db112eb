import { applicationResource } from "@walras/controller/carla";
import { seededRng, silentLogger, systemClock } from "@walras/kit";
import { projection, Reflector, Store } from "@walras/kube";

import { createApplication, createProject, type GitRepository, type LiveApplication } from "../../harness/argo.ts";
import type { Cluster } from "../../harness/cluster.ts";
import { groupLabel, manifests, type Member } from "./fleet.ts";
import { type Followed, followed, OperationLog } from "./operations.ts";

/** Created at one time. */
const batch = 20;

/** Where the Applications are, what they may, and where their objects go. */
export interface Places {
  readonly namespace: string;
  readonly project: string;
  readonly into: string;
}

/** Fills the repository, and creates the project, the namespaces and the Applications. */
export async function createFleet(
  cluster: Cluster,
  places: Places,
  repository: GitRepository,
  fleet: readonly Member[],
): Promise<void> {
  const { namespace, project, into } = places;
  await cluster.createNamespace(namespace);
  await cluster.createNamespace(into);
  await createProject(cluster, project);
  await repository.commit(manifests(fleet));
  const from = { namespace, project, url: repository.url, into };
  const create = ({ name, group }: Member): Promise<void> =>
    createApplication(cluster, { ...from, name, paths: [name], labels: { [groupLabel]: group } });
  for (let index = 0; index < fleet.length; index += batch)
    await Promise.all(fleet.slice(index, index + batch).map(create));
}

/** None has a finalizer: what they have deployed goes with its namespace. */
export async function removeFleet(cluster: Cluster, { namespace, project, into }: Places): Promise<void> {
  await cluster.deleteNamespace(namespace);
  await cluster.deleteNamespace(into);
  await cluster.kubectl("-n", "argocd", "delete", "appproject", project, "--ignore-not-found");
}

/** Every Application of the fleet, and every operation of theirs, as the API server tells of each change. */
export interface FleetWatch {
  readonly store: Store<Followed>;
  readonly log: OperationLog;
  stop(): Promise<void>;
}

export function watchFleet(cluster: Cluster, namespace: string): FleetWatch {
  const store = new Store<Followed>();
  const log = new OperationLog();
  store.onChange(({ type, item }) => {
    if (type !== "deleted") log.take(item);
  });
  const reflector = new Reflector({
    transport: cluster.transport,
    resource: applicationResource,
    labelSelector: groupLabel,
    projections: [projection(store, (raw) => ofFleet(raw as LiveApplication, namespace))],
    clock: systemClock,
    rng: seededRng(1),
    logger: silentLogger,
    observer: {
      restarted: (_, reason) => console.log(`the watch of Applications: ${reason}`),
      unreadable: () => console.log("an Application cannot be read"),
      diverged: (_, count) => console.log(`the watch had ${count} Applications wrong`),
    },
  });
  reflector.start();
  return { store, log, stop: () => reflector.stop() };
}

/** What an earlier run has left is not of this one. */
function ofFleet(application: LiveApplication, namespace: string): Followed | undefined {
  return application.metadata.namespace === namespace ? followed(application) : undefined;
}
