import { type ServerContext, timestamp } from "../context.ts";
import { sameJson } from "../objects/equality.ts";
import { asText, type KubeObject, mapsOf } from "../objects/model.ts";
import { servedStatus, typesOf } from "./register.ts";

const collection = "customresourcedefinitions.apiextensions.k8s.io";

/** Serves the kinds of every stored definition, and tells so in its status. */
export function serveDefinitions(context: ServerContext): void {
  context.store.onChange((event) => {
    if (event.collection !== collection) return;
    if (event.type === "DELETED") withdraw(context, event.object);
    else if (!sameJson(event.previous?.spec, event.object.spec)) serve(context, event.object);
  });
}

function serve(context: ServerContext, definition: KubeObject): void {
  context.catalogue.remove(asText(definition.spec?.["group"]), pluralOf(definition));
  for (const type of typesOf(definition)) context.catalogue.add(type);
  const status = servedStatus(definition, timestamp(context));
  context.store.put(collection, { ...definition, status });
}

/** The objects go with their definition. */
function withdraw({ catalogue, store }: ServerContext, definition: KubeObject): void {
  const group = asText(definition.spec?.["group"]);
  const own = `${pluralOf(definition)}.${group}`;
  for (const { metadata } of store.all(own)) store.remove(own, metadata.namespace ?? "", metadata.name);
  if (mapsOf(definition.spec?.["versions"]).length > 0) catalogue.remove(group, pluralOf(definition));
}

function pluralOf(definition: KubeObject): string {
  return asText((definition.spec?.["names"] as { plural?: string } | undefined)?.plural);
}
