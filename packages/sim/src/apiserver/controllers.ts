import { refreshQuotas } from "./admission/quota.ts";
import { newUid, type ServerContext, timestamp } from "./context.ts";
import { serveDefinitions } from "./crd/serve.ts";
import type { KubeObject } from "./objects/model.ts";

const firstNamespaces = ["default", "kube-system", "kube-public", "kube-node-lease"];
const eventLifeMs = 3_600_000;

/** The few controllers without which the API alone makes no sense. */
export function runControllers(context: ServerContext): void {
  serveDefinitions(context);
  addServiceAccounts(context);
  countQuotas(context);
  expireEvents(context);
  for (const name of firstNamespaces) addNamespace(context, name);
}

function addNamespace(context: ServerContext, name: string): void {
  const metadata = { name, ...birth(context), labels: { "kubernetes.io/metadata.name": name } };
  const spec = { finalizers: ["kubernetes"] };
  context.store.put("namespaces", { apiVersion: "v1", kind: "Namespace", metadata, spec, status: { phase: "Active" } });
}

/** Every namespace has a service account "default". */
function addServiceAccounts(context: ServerContext): void {
  context.store.onChange(({ type, collection, object }) => {
    if (collection !== "namespaces" || type !== "ADDED") return;
    const metadata = { name: "default", namespace: object.metadata.name, ...birth(context) };
    context.store.put("serviceaccounts", { apiVersion: "v1", kind: "ServiceAccount", metadata });
  });
}

/** status.used of quotas follows the pods of their namespace. */
function countQuotas({ store }: ServerContext): void {
  store.onChange(({ type, collection, object }) => {
    const concerns = collection === "pods" || (collection === "resourcequotas" && type !== "DELETED");
    if (concerns && store.count("resourcequotas") > 0) refreshQuotas(store, object.metadata.namespace ?? "");
  });
}

/** Events live for an hour, as in etcd; the old ones go when new ones come. */
function expireEvents({ store, clock }: ServerContext): void {
  const alive: { readonly event: KubeObject; readonly untilMs: number }[] = [];
  store.onChange(({ type, collection, object }) => {
    if (collection !== "events" || type !== "ADDED") return;
    const nowMs = clock.monotonicMs();
    alive.push({ event: object, untilMs: nowMs + eventLifeMs });
    while (alive[0] && alive[0].untilMs <= nowMs) {
      const { namespace = "", name } = alive.shift()?.event.metadata ?? { name: "" };
      store.remove("events", namespace, name);
    }
  });
}

function birth(context: ServerContext): { uid: string; creationTimestamp: string } {
  return { uid: newUid(context), creationTimestamp: timestamp(context) };
}
