import type { FieldSchema } from "../schema/fieldSchema.ts";
import type { KubeObject, ManagedFieldsEntry } from "../objects/model.ts";
import { asMap } from "../objects/model.ts";
import { ApiFailure } from "../status.ts";
import {
  conflictingFields,
  type FieldSet,
  fieldsOf,
  mergeApplied,
  pathsOf,
  removeFields,
  subtract,
} from "./fieldSet.ts";
import { isOwn, type Manager, ownedPart, recordApply } from "./managers.ts";

/** One server-side apply. */
export interface ApplyRequest {
  readonly manager: Manager;
  readonly force: boolean;
  /** The merge shape of the kind. */
  readonly schema: FieldSchema;
}

/**
 * Server-side apply: `live` with all of `applied`, without what the same
 * manager applied before and no longer does. An empty `live` creates.
 *
 * @throws ApiFailure 409 where another manager owns a field with another value and `force` is off
 */
export function applyServerSide(live: KubeObject, applied: KubeObject, request: ApplyRequest): KubeObject {
  const { manager, schema } = request;
  const entries = live.metadata.managedFields ?? [];
  const fields = fieldsOf(ownedPart(applied), schema);
  const others = entries.filter((entry) => !isOwn(entry, manager));
  const taken = takeFromOthers(others, { fields, live, applied, request });
  const previous = entries.find((entry) => isOwn(entry, manager))?.fieldsV1;
  const dropped = previous && droppedFields(previous, fields, others);
  const merged = mergeApplied(ownedPart(live), ownedPart(applied), schema);
  const owned = asMap(dropped ? removeFields(merged, dropped, schema) : merged);
  return assemble(live, owned, recordApply(entries, manager, { fields, taken }));
}

interface Contest {
  readonly fields: FieldSet;
  readonly live: KubeObject;
  readonly applied: KubeObject;
  readonly request: ApplyRequest;
}

function takeFromOthers(
  others: readonly ManagedFieldsEntry[],
  { fields, live, applied, request }: Contest,
): ReadonlyMap<ManagedFieldsEntry, FieldSet> {
  const values = [ownedPart(applied), ownedPart(live)] as const;
  const taken = new Map(
    others.flatMap((entry) => {
      const conflicts = conflictingFields([fields, entry.fieldsV1], values, request.schema);
      return conflicts ? [[entry, conflicts] as const] : [];
    }),
  );
  if (taken.size > 0 && !request.force) {
    throw refusal([...taken].map(([entry, conflicts]) => ({ entry, paths: pathsOf(conflicts) })));
  }
  return taken;
}

function droppedFields(
  previous: FieldSet,
  fields: FieldSet,
  others: readonly ManagedFieldsEntry[],
): FieldSet | undefined {
  return others.reduce<FieldSet | undefined>(
    (left, { fieldsV1 }) => left && subtract(left, fieldsV1),
    subtract(previous, fields),
  );
}

function assemble(
  live: KubeObject,
  owned: Readonly<Record<string, unknown>>,
  managedFields: readonly ManagedFieldsEntry[],
): KubeObject {
  const {
    labels: _labels,
    annotations: _annotations,
    finalizers: _finalizers,
    ownerReferences: _owners,
    ...identity
  } = live.metadata;
  const { metadata, ...rest } = owned;
  return {
    apiVersion: live.apiVersion,
    kind: live.kind,
    metadata: { ...identity, ...asMap(metadata), managedFields },
    ...rest,
  };
}

function refusal(conflicts: readonly { entry: ManagedFieldsEntry; paths: readonly string[] }[]): ApiFailure {
  const count = conflicts.reduce((sum, { paths }) => sum + paths.length, 0);
  const causes = conflicts.flatMap(({ entry, paths }) =>
    paths.map((field) => ({ reason: "FieldManagerConflict", message: `conflict with ${shown(entry)}`, field })),
  );
  const lists = conflicts.map(
    ({ entry, paths }) => `conflicts with ${shown(entry)}:\n${paths.map((path) => `- ${path}`).join("\n")}`,
  );
  const message =
    count === 1
      ? `Apply failed with 1 conflict: ${causes[0]?.message}: ${causes[0]?.field}`
      : `Apply failed with ${count} conflicts: ${lists.join("\n")}`;
  return new ApiFailure(409, "Conflict", message, { causes });
}

function shown({ manager, operation, subresource, apiVersion }: ManagedFieldsEntry): string {
  const using = operation === "Update" ? ` using ${apiVersion}` : "";
  return `"${manager}"${subresource ? ` with subresource "${subresource}"` : ""}${using}`;
}
