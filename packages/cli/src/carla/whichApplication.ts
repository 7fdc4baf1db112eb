import { applicationResource } from "@walras/controller/carla";
import { errorAt } from "@walras/kit";
import { KubeError, type KubeTransport, listItems, type ObjectName } from "@walras/kube";

import { notInstalled } from "../cluster/failure.ts";

/** Where Applications are unless somebody says otherwise: Argo CD's own namespace. */
const usualNamespace = "argocd";

/**
 * The Application that somebody means by "name" or "namespace/name".
 *
 * @param namespace undefined: wherever there is one of that name
 * @throws FieldError naming those that it may be, ClusterError where there is no Argo CD
 */
export async function whichApplication(
  transport: KubeTransport,
  written: string,
  namespace: string | undefined,
): Promise<ObjectName & { readonly namespace: string }> {
  const slash = written.indexOf("/");
  const [stated, name] = slash < 0 ? [namespace, written] : [written.slice(0, slash), written.slice(slash + 1)];
  if (slash >= 0 && (stated === "" || name === "" || name.includes("/")))
    throw errorAt("application", written, 'is not "name" or "namespace/name"');
  if (namespace !== undefined && stated !== namespace)
    throw errorAt("--namespace", namespace, `is not that of ${written}`);
  return { namespace: stated ?? (await namespaceOf(transport, name)), name };
}

async function namespaceOf(transport: KubeTransport, name: string): Promise<string> {
  const namespaces = await namespacesWith(transport, name);
  if (namespaces.length > 1) {
    const all = namespaces.toSorted().map((namespace) => `${namespace}/${name}`);
    throw errorAt("application", name, `may be ${all.join(" or ")}: write which`);
  }
  return namespaces[0] ?? usualNamespace;
}

/** Who may not look everywhere is taken to mean the usual place. */
async function namespacesWith(transport: KubeTransport, name: string): Promise<string[]> {
  const found: string[] = [];
  try {
    for await (const { metadata } of listItems<Listed>(transport, applicationResource))
      if (metadata?.name === name && metadata.namespace !== undefined) found.push(metadata.namespace);
  } catch (error) {
    if (!(error instanceof KubeError) || ![401, 403, 404].includes(error.status)) throw error;
    if (error.status === 404) throw notInstalled(applicationResource);
  }
  return found;
}

interface Listed {
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
}
