import { scaledJobResource } from "@walras/controller/batch";
import { applyObject, collectionPath, getObject, KubeError, type KubeTransport, listAll } from "@walras/kube";

import { type Manifest, ownLabels, selectorOf, shownName } from "./kinds.ts";
import { manifestsOf } from "./manifests.ts";
import type { PostureOptions } from "./options.ts";
import type { Teller } from "./teller.ts";

const fieldManager = "walras-posture";

/**
 * Makes the example's objects as the options say, one after the other; one that
 * cannot be made does not keep the others from it.
 *
 * @throws Error where there is no KEDA, before anything is made
 */
export async function up(transport: KubeTransport, options: PostureOptions, teller: Teller): Promise<void> {
  await requireKeda(transport, options.namespace);
  const manifests = manifestsOf(options);
  for (const manifest of manifests) {
    const what = shownName(manifest.resource, manifest.object.metadata.name);
    try {
      teller.did(what, await apply(transport, manifest));
    } catch (error) {
      teller.failed(what, error);
    }
  }
  await tellOfMore(transport, { options, manifests, teller });
}

async function requireKeda(transport: KubeTransport, namespace: string): Promise<void> {
  const path = collectionPath(scaledJobResource, namespace);
  if ((await answerOrNone(transport.send({ method: "GET", path, query: { limit: "1" } }))) !== undefined) return;
  const { plural, apiVersion } = scaledJobResource;
  throw new Error(`KEDA is not installed: the cluster has no ${plural} of ${apiVersion} (https://keda.sh/docs)`);
}

/** The server counts no version where nothing has changed. */
async function apply(transport: KubeTransport, { resource, object }: Manifest): Promise<string> {
  const { name, namespace = "" } = object.metadata;
  const target = { resource, name: { namespace, name } };
  const before = await answerOrNone(getObject(transport, resource, target.name));
  const after = await applyObject(transport, target, object, { fieldManager, force: true });
  if (before === undefined) return "created";
  return versionOf(before) === versionOf(after) ? "unchanged" : "configured";
}

/** @returns undefined for what the cluster does not have */
async function answerOrNone(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return undefined;
    throw error;
  }
}

function versionOf(object: unknown): string {
  return (object as { readonly metadata?: { readonly resourceVersion?: string } }).metadata?.resourceVersion ?? "";
}

interface Made {
  readonly options: PostureOptions;
  readonly manifests: readonly Manifest[];
  readonly teller: Teller;
}

/** ScaledJobs of an earlier call with more jobs go on working: who asked for fewer should know. */
async function tellOfMore(transport: KubeTransport, { options, manifests, teller }: Made): Promise<void> {
  const { namespace, jobs } = options;
  const made = new Set(manifests.map(({ object }) => object.metadata.name));
  const { items } = await listAll(transport, scaledJobResource, { namespace, labelSelector: selectorOf(ownLabels) });
  for (const item of items) {
    const { name } = (item as Manifest["object"]).metadata;
    if (made.has(name)) continue;
    teller.did(shownName(scaledJobResource, name), `left as it is: not of these ${jobs}; posture down deletes all`);
  }
}
