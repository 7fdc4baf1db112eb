import { builtinTypes } from "./kinds/builtin.ts";
import { apiVersionOf, type ResourceType } from "./resources.ts";

/** The kinds being served: the built-in ones, and what definitions add. */
export class Catalogue {
  readonly #types = new Map<string, ResourceType>();

  constructor() {
    for (const type of builtinTypes) this.add(type);
  }

  add(type: ResourceType): void {
    this.#types.set(`${apiVersionOf(type)}/${type.plural}`, type);
  }

  /** Stops serving every version of `plural` in `group`. */
  remove(group: string, plural: string): void {
    for (const [key, type] of this.#types) if (type.group === group && type.plural === plural) this.#types.delete(key);
  }

  /** @param apiVersion "v1" or "group/version" */
  find(apiVersion: string, plural: string): ResourceType | undefined {
    return this.#types.get(`${apiVersion}/${plural}`);
  }

  /** The kind that stores a collection. */
  ofCollection(collection: string): ResourceType | undefined {
    return [...this.#types.values()].find((type) => type.collection === collection && !type.store);
  }

  all(): readonly ResourceType[] {
    return [...this.#types.values()];
  }
}
