import { errorAt } from "@walras/kit";
import { z } from "zod";

import {
  type ApplicationDigest,
  type ApplicationRef,
  type ApplicationState,
  type ManagedResource,
  operationPhases,
  type OperationState,
} from "./port.ts";
import { parentOf } from "./parent.ts";
import { healthStatuses, syncStatuses } from "../decide/snapshot.ts";

/** The entry of an operation's info by which a release of ours is known. */
export const releaseInfo = "walras-release";
const annotationPrefix = "carla.ops/";
/** Enough to find what was there before what failed. */
const mostHistory = 3;

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const revisionsSchema = { revision: z.string().optional(), revisions: z.array(z.string()).nullish() };
const sourceSchema = z.object({ targetRevision: z.string().optional() });
/** What a newer Argo CD may say and this one does not know. */
const syncStatus = z.union([z.enum(syncStatuses), z.literal("")]).optional();
const healthStatus = z.union([z.enum(healthStatuses), z.literal("")]).optional();

const operationSchema = z.object({
  phase: z.enum(operationPhases),
  startedAt: instant,
  finishedAt: instant.nullish(),
  message: z.string().optional(),
  syncResult: z.object(revisionsSchema).nullish(),
  operation: z
    .object({
      info: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
      initiatedBy: z.object({ username: z.string().optional() }).nullish(),
      sync: z.object({ ...revisionsSchema, prune: z.boolean().optional() }).nullish(),
    })
    .nullish(),
});

const metadataSchema = z.object({ name: z.string().min(1), namespace: z.string().optional() });

const applicationSchema = z.object({
  metadata: metadataSchema.extend({
    uid: z.string().default(""),
    resourceVersion: z.string().default(""),
    annotations: z.record(z.string(), z.string()).nullish(),
    labels: z.record(z.string(), z.string()).nullish(),
    deletionTimestamp: z.string().nullish(),
  }),
  spec: z
    .object({
      project: z.string().default(""),
      source: sourceSchema.nullish(),
      sources: z.array(sourceSchema).nullish(),
      destination: z.object({ name: z.string().optional(), server: z.string().optional() }).nullish(),
      syncPolicy: z.object({ automated: z.object({ enabled: z.boolean().nullish() }).nullish() }).nullish(),
    })
    .default({ project: "" }),
  operation: z.unknown().optional(),
  status: z
    .object({
      sync: z.object({ status: syncStatus, ...revisionsSchema }).nullish(),
      health: z.object({ status: healthStatus }).nullish(),
      operationState: operationSchema.nullish(),
      reconciledAt: instant.nullish(),
      history: z.array(z.object({ id: z.number(), ...revisionsSchema })).nullish(),
    })
    .nullish(),
});

type Raw = z.output<typeof applicationSchema>;
type RawStatus = NonNullable<Raw["status"]>;

/**
 * An Application trimmed to what decisions need.
 *
 * @throws FieldError naming the Application, the field and its value
 */
export function decodeApplication(input: unknown, defaultNamespace: string): ApplicationState {
  const { metadata, spec, operation, status } = checked(applicationSchema, input);
  const { name, namespace = defaultNamespace, uid, resourceVersion } = metadata;
  const sources = spec.sources ?? [];
  return {
    namespace,
    name,
    uid,
    resourceVersion,
    project: spec.project,
    targetRevisions: (sources.length > 0 ? sources : [spec.source ?? {}]).map(
      ({ targetRevision = "" }) => targetRevision,
    ),
    multiSource: sources.length > 0,
    autoSync: isAutomated(spec.syncPolicy?.automated),
    deleting: isThere(metadata.deletionTimestamp),
    operationRequested: isThere(operation),
    ...decodeMarks({ namespace, name }, metadata, defaultNamespace),
    clusters: [spec.destination?.name, spec.destination?.server].flatMap((one) => one || []),
    ...decodeStatus(status ?? {}),
  };
}

function decodeMarks(
  ref: ApplicationRef,
  { annotations, labels }: Raw["metadata"],
  argoNamespace: string,
): Pick<ApplicationState, "annotations" | "labels" | "parent"> {
  const marks = { annotations: annotations ?? {}, labels: labels ?? {} };
  const parent = parentOf(ref, marks, argoNamespace);
  return {
    annotations: ourAnnotations(marks.annotations),
    labels: marks.labels,
    parent: parent && `${parent.namespace}/${parent.name}`,
  };
}

type StatusPart = Pick<ApplicationState, "sync" | "health" | "revisions" | "operation" | "reconciledAtMs" | "history">;

function decodeStatus({ sync, health, operationState, reconciledAt, history }: RawStatus): StatusPart {
  return {
    sync: sync?.status || "Unknown",
    health: health?.status || "Unknown",
    revisions: revisionsOf(sync),
    operation: operationState ? decodeOperation(operationState) : null,
    reconciledAtMs: reconciledAt ?? null,
    history: (history ?? []).slice(-mostHistory).map((entry) => ({ id: entry.id, revisions: revisionsOf(entry) })),
  };
}

function decodeOperation(raw: z.output<typeof operationSchema>): OperationState {
  const { phase, startedAt, finishedAt, message = "", syncResult, operation } = raw;
  const done = revisionsOf(syncResult);
  return {
    phase,
    startedAtMs: startedAt,
    finishedAtMs: finishedAt ?? null,
    message,
    revisions: done.length > 0 ? done : revisionsOf(operation?.sync),
    releaseId: operation?.info?.find(({ name }) => name === releaseInfo)?.value ?? null,
    username: operation?.initiatedBy?.username ?? "",
    prune: operation?.sync?.prune ?? false,
  };
}

/** Several sources have several revisions; the single one is empty then. */
function revisionsOf(
  of: { revision?: string | undefined; revisions?: string[] | null | undefined } | null | undefined,
): readonly string[] {
  if (of?.revisions && of.revisions.length > 0) return of.revisions;
  return of?.revision ? [of.revision] : [];
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** Since 3.x `enabled: false` turns automation off without losing its settings. */
function isAutomated(automated: { enabled?: boolean | null | undefined } | null | undefined): boolean {
  return isThere(automated) && automated?.enabled !== false;
}

function ourAnnotations(all: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(all).filter(([key]) => key.startsWith(annotationPrefix)));
}

const refSchema = z.object({ metadata: metadataSchema });

/** Which Application it is, whatever else is said of it. @throws FieldError */
export function readRef(input: unknown, defaultNamespace: string): ApplicationRef {
  const { name, namespace = defaultNamespace } = checked(refSchema, input).metadata;
  return { namespace, name };
}

const listSchema = z.object({ items: z.array(z.unknown()).nullish() });

const digestSchema = z.object({
  status: z
    .object({
      sync: z.object({ status: syncStatus }).nullish(),
      health: z.object({ status: healthStatus }).nullish(),
      operationState: z.object({ phase: z.enum(operationPhases).optional() }).nullish(),
    })
    .nullish(),
});

/**
 * A list with the few fields that lists can be restricted to. An item that
 * cannot be read is told, and is there as Unknown.
 *
 * @throws FieldError where it is no list
 */
export function decodeList(
  input: unknown,
  defaultNamespace: string,
  onUnreadable: (error: unknown) => void,
): readonly ApplicationDigest[] {
  const decode = (item: unknown): ApplicationDigest[] => {
    let digest: ApplicationDigest[] = [];
    try {
      const ref = readRef(item, defaultNamespace);
      digest = [{ ...ref, sync: "Unknown", health: "Unknown", phase: null }];
      return [{ ...ref, ...decodeDigest(item) }];
    } catch (error) {
      onUnreadable(error);
      return digest;
    }
  };
  return (checked(listSchema, input).items ?? []).flatMap(decode);
}

function decodeDigest(item: unknown): Omit<ApplicationDigest, keyof ApplicationRef> {
  const { status } = checked(digestSchema, item);
  return {
    sync: status?.sync?.status || "Unknown",
    health: status?.health?.status || "Unknown",
    phase: status?.operationState?.phase ?? null,
  };
}

const state = z.string().optional();
const managedSchema = z.object({
  items: z
    .array(
      z.object({
        group: z.string().default(""),
        kind: z.string().default(""),
        namespace: z.string().default(""),
        name: z.string().default(""),
        hook: z.boolean().optional(),
        normalizedLiveState: state,
        predictedLiveState: state,
      }),
    )
    .nullish(),
});

/** What a sync would do to each object. Hooks are not compared. @throws FieldError */
export function decodeManagedResources(input: unknown): readonly ManagedResource[] {
  const items = (checked(managedSchema, input).items ?? []).filter(({ hook }) => hook !== true);
  return items.map(({ group, kind, namespace, name, normalizedLiveState, predictedLiveState }) => {
    const where = `${kind} ${namespace}/${name}`;
    return {
      group,
      kind,
      namespace,
      name,
      live: parsedState(normalizedLiveState, `${where}.normalizedLiveState`),
      predicted: parsedState(predictedLiveState, `${where}.predictedLiveState`),
    };
  });
}

function parsedState(text: string | undefined, field: string): unknown {
  if (text === undefined || text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    throw errorAt(field, text, "is not JSON");
  }
}

/** @throws FieldError naming the object, where it has a name */
function checked<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path ?? [];
  const value = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], input);
  const field = [objectName(input), ...path.map(String)].join(".");
  throw errorAt(field, value, `is not valid (${issue?.message ?? "unknown"})`);
}

function objectName(input: unknown): string {
  const { metadata } = (input ?? {}) as { metadata?: { namespace?: unknown; name?: unknown } };
  const { namespace, name } = metadata ?? {};
  if (typeof name !== "string") return "answer";
  return typeof namespace === "string" ? `${namespace}/${name}` : name;
}
