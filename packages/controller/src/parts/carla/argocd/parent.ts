import type { ApplicationRef } from "./port.ts";

interface Marks {
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

const trackingId = "argocd.argoproj.io/tracking-id";
const instanceLabel = "app.kubernetes.io/instance";

/**
 * The Application that manages another one, by what Argo CD marks its objects
 * with: the tracking id `APP:GROUP/KIND:NAMESPACE/NAME`, or the instance label
 * where that is how it tracks. APP is NAME, or NAMESPACE_NAME outside Argo CD's
 * own namespace. A mark that was copied from another object counts for nothing.
 *
 * @param argoNamespace Argo CD's own
 */
export function parentOf(
  of: ApplicationRef,
  { annotations, labels }: Marks,
  argoNamespace: string,
): ApplicationRef | null {
  const tracked = annotations[trackingId];
  const instance = tracked === undefined ? labels[instanceLabel] : instanceIn(tracked, of);
  if (instance === undefined || instance === "") return null;
  const [first = "", second] = instance.split("_");
  const parent = second === undefined ? { namespace: argoNamespace, name: first } : { namespace: first, name: second };
  return parent.namespace === of.namespace && parent.name === of.name ? null : parent;
}

function instanceIn(trackedAs: string, { namespace, name }: ApplicationRef): string | undefined {
  const [instance, kind, object] = trackedAs.split(":");
  return kind === "argoproj.io/Application" && object === `${namespace}/${name}` ? instance : undefined;
}
