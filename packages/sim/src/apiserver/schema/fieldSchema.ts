/** How the elements of a list are told apart when writes are merged. */
export type ListKind =
  | { readonly type: "atomic" }
  | { readonly type: "set" }
  | { readonly type: "map"; readonly keys: readonly string[] };

/**
 * The shape of a field as far as merging needs it: which lists are keyed and
 * which objects are replaced whole.
 */
export interface FieldSchema {
  readonly list: ListKind;
  /** An object or list that has one owner and is replaced whole. */
  readonly atomic: boolean;
  /** The schema of a member of an object. */
  child(name: string): FieldSchema;
  /** The schema of an element of a list. */
  readonly item: FieldSchema;
}

/** The values of a keyed list's keys in `element`; missing keys take their default where one exists. */
export function keyOf(
  element: Readonly<Record<string, unknown>>,
  keys: readonly string[],
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(keys.map((key) => [key, element[key] ?? keyDefaults[key]]));
}

const keyDefaults: Readonly<Record<string, unknown>> = { protocol: "TCP" };
