import type { FieldSchema } from "../schema/fieldSchema.ts";
import type { KubeObject, ManagedFieldsEntry } from "../objects/model.ts";
import { without } from "../objects/model.ts";
import { changedFields, existing, type FieldSet, subtract, union } from "./fieldSet.ts";

/** Who writes, how and when: the identity of a managedFields entry. */
export interface Manager {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  readonly subresource?: string;
  /** RFC 3339 */
  readonly time: string;
}

/** Whether `entry` is `manager`'s own. */
export function isOwn(entry: ManagedFieldsEntry, manager: Manager): boolean {
  return (
    entry.manager === manager.manager &&
    entry.operation === manager.operation &&
    entry.subresource === manager.subresource
  );
}

/** The part of an object that has owners: neither identity nor what the server sets itself. */
export function ownedPart(object: KubeObject): Readonly<Record<string, unknown>> {
  const { labels, annotations, finalizers, ownerReferences } = object.metadata;
  const metadata = withoutUndefined({ labels, annotations, finalizers, ownerReferences });
  const rest = without(object, "apiVersion", "kind", "metadata");
  return Object.keys(metadata).length > 0 ? Object.assign({ metadata }, rest) : rest;
}

/** managedFields after `manager` changed `before` into `after` by a plain write. */
export function recordUpdate(
  before: KubeObject | undefined,
  after: KubeObject,
  manager: Manager,
  schema: FieldSchema,
): readonly ManagedFieldsEntry[] {
  const old = before?.metadata.managedFields ?? [];
  const [was, is] = [before ? ownedPart(before) : {}, ownedPart(after)];
  const changed = changedFields(was, is, schema);
  const kept = old.flatMap((entry) => withFields(entry, keepUnchanged(entry.fieldsV1, changed, { is, schema })));
  if (!changed || Object.keys(changed).length === 0) return kept;
  return upsert(kept, manager, (own) => (own ? union(own, changed) : changed));
}

function keepUnchanged(
  fields: FieldSet,
  changed: FieldSet | undefined,
  { is, schema }: { is: unknown; schema: FieldSchema },
): FieldSet | undefined {
  const left = changed ? subtract(fields, changed) : fields;
  return left && existing(left, is, schema);
}

/** managedFields after `manager` applied exactly `fields`, taking them from all others in `taken`. */
export function recordApply(
  entries: readonly ManagedFieldsEntry[],
  manager: Manager,
  { fields, taken }: { fields: FieldSet; taken: ReadonlyMap<ManagedFieldsEntry, FieldSet> },
): readonly ManagedFieldsEntry[] {
  const kept = entries.flatMap((entry) => {
    const lost = taken.get(entry);
    return lost ? withFields(entry, subtract(entry.fieldsV1, lost)) : [entry];
  });
  if (Object.keys(fields).length === 0) return kept.filter((entry) => !isOwn(entry, manager));
  return upsert(kept, manager, () => fields);
}

function upsert(
  entries: readonly ManagedFieldsEntry[],
  manager: Manager,
  next: (own: FieldSet | undefined) => FieldSet,
): readonly ManagedFieldsEntry[] {
  const index = entries.findIndex((entry) => isOwn(entry, manager));
  const own = entries[index];
  const entry: ManagedFieldsEntry = { ...manager, fieldsType: "FieldsV1", fieldsV1: next(own?.fieldsV1) };
  return own ? entries.with(index, entry) : [...entries, entry];
}

function withFields(entry: ManagedFieldsEntry, fields: FieldSet | undefined): readonly ManagedFieldsEntry[] {
  if (!fields) return [];
  return fields === entry.fieldsV1 ? [entry] : [{ ...entry, fieldsV1: fields }];
}

function withoutUndefined(map: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== undefined));
}
