import type { ResourceType } from "../resources.ts";
import { builtinSchema } from "../schema/builtinSchema.ts";

type Kind = Partial<ResourceType> & Pick<ResourceType, "kind" | "plural">;

/** A kind that the API server has of itself: namespaced, of `v1`, but for what is given. */
export function builtin(kind: Kind): ResourceType {
  const group = kind.group ?? "";
  return {
    group,
    version: "v1",
    singular: kind.kind.toLowerCase(),
    namespaced: true,
    shortNames: [],
    categories: [],
    subresources: [],
    generation: false,
    unconditionalUpdate: true,
    custom: false,
    schema: builtinSchema,
    rules: {},
    fields: {},
    collection: group ? `${kind.plural}.${group}` : kind.plural,
    ...kind,
  };
}
