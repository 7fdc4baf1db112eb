import { FieldError } from "@walras/kit";

import { admit, mutatingPlugins, validatingPlugins } from "./admission/chain.ts";
import { resizedPod } from "./admission/resize.ts";
import { nameSuffix, newUid, type ServerContext, timestamp } from "./context.ts";
import { sameJson } from "./objects/equality.ts";
import type { KubeObject, ManagedFieldsEntry, ObjectMeta } from "./objects/model.ts";
import { without } from "./objects/model.ts";
import { validateMeta, validateMetaUpdate } from "./objects/names.ts";
import { type Manager, recordUpdate } from "./patch/managers.ts";
import { kindTarget, pluralTarget, type ResourceType } from "./resources.ts";
import {
  ApiFailure,
  alreadyExists,
  badRequest,
  type Cause,
  conflict,
  forbidden,
  invalid,
  modified,
  notFound,
} from "./status.ts";

/** How a write was asked for. */
export interface WriteOptions {
  readonly manager: Manager;
  /** status, resize, … or empty */
  readonly subresource: string;
  readonly dryRun?: boolean;
  /** A PUT: its uid is a precondition and some kinds require its resourceVersion. */
  readonly replace?: boolean;
}

/** Where an object is. */
export interface Locator {
  readonly type: ResourceType;
  readonly namespace: string;
  readonly name: string;
}

/** The way of every write: decode, default, admit, validate, count, store. */
export class Writer {
  readonly #context: ServerContext;

  constructor(context: ServerContext) {
    this.#context = context;
  }

  /** @throws ApiFailure 4xx where the object may not be created */
  create(type: ResourceType, namespace: string, body: KubeObject, options: WriteOptions): KubeObject {
    type.rules.decode?.(body);
    this.#checkNamespace(type, namespace, body);
    const named = this.#identify(type, namespace, body);
    const { metadata } = named;
    if (this.#context.store.get(type.collection, namespace, metadata.name)) {
      throw alreadyExists(pluralTarget(type, metadata.name));
    }
    const admitted = this.#admit(mutatingPlugins, { type, object: named, old: undefined, subresource: "" });
    const shaped = normalise(type, this.#started(type, normalise(type, admitted)));
    const final = this.#finish(type, shaped, undefined, "");
    const managedFields =
      metadata.managedFields ?? recordUpdate(undefined, withoutStatus(type, final), options.manager, type.schema);
    return this.#put(type, { ...final, metadata: { ...final.metadata, managedFields } }, options);
  }

  /**
   * Changes the object by `change`, under the rules of the subresource.
   *
   * @throws ApiFailure 4xx where there is no such object or it may not be changed so
   */
  update(at: Locator, change: (old: KubeObject) => KubeObject, options: WriteOptions): KubeObject {
    const old = this.read(at);
    const wanted = change(old);
    at.type.rules.decode?.(wanted);
    checkPreconditions(at.type, wanted, old, options);
    const candidate = normalise(at.type, this.#scoped(at.type, wanted, old, options.subresource));
    const counted = options.subresource === "binding" ? candidate : withGeneration(at.type, candidate, old);
    const final = this.#finish(at.type, counted, old, options.subresource);
    const managedFields = managersAfter(final, old, { type: at.type, options, applied: wanted.metadata.managedFields });
    const complete = { ...final, metadata: { ...final.metadata, managedFields } };
    if (unchanged(complete, old)) return old;
    return isGone(complete) ? this.#remove(at, complete, options) : this.#put(at.type, complete, options);
  }

  /** @throws ApiFailure 404 */
  read({ type, namespace, name }: Locator): KubeObject {
    const stored = this.#context.store.get(type.collection, namespace, name);
    if (!stored) throw notFound(pluralTarget(type, name));
    return stored;
  }

  #checkNamespace(type: ResourceType, namespace: string, body: KubeObject): void {
    if (!type.namespaced) return;
    if (body.metadata.namespace && body.metadata.namespace !== namespace) {
      throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
    }
    const owner = this.#context.store.get("namespaces", "", namespace);
    if (!owner) throw notFound({ group: "", kind: "namespaces", name: namespace });
    if (owner.metadata.deletionTimestamp) {
      const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
      throw forbidden(pluralTarget(type, body.metadata.name), why, [
        { reason: "NamespaceTerminating", field: "metadata.namespace" },
      ]);
    }
  }

  #identify(type: ResourceType, namespace: string, body: KubeObject): KubeObject {
    const { metadata } = body;
    if (metadata.resourceVersion) throw badRequest("resourceVersion should not be set on objects to be created");
    const name = metadata.name || (metadata.generateName ? `${metadata.generateName}${nameSuffix(this.#context)}` : "");
    const rest = without(metadata as unknown as Record<string, unknown>, "selfLink", "deletionTimestamp", "namespace");
    const identity: ObjectMeta = {
      ...(rest as unknown as ObjectMeta),
      name,
      ...(type.namespaced ? { namespace } : {}),
      uid: newUid(this.#context),
      creationTimestamp: timestamp(this.#context),
      ...(type.generation ? { generation: 1 } : {}),
    };
    return { ...body, metadata: identity };
  }

  #started(type: ResourceType, object: KubeObject): KubeObject {
    const fresh = type.kind === "Node" ? object : withoutStatus(type, object);
    return type.rules.onCreate?.(fresh) ?? fresh;
  }

  #scoped(type: ResourceType, wanted: KubeObject, old: KubeObject, subresource: string): KubeObject {
    if (subresource === "resize") return withIdentity(resizedPod(wanted, old), old);
    if (subresource === "status") return withIdentity(onlyStatus(type, wanted, old), old);
    const keepsStatus = type.subresources.includes("status") && subresource !== "binding";
    const base = keepsStatus ? { ...without(wanted, "status"), ...(old.status ? { status: old.status } : {}) } : wanted;
    return withIdentity(base, old);
  }

  /** Admission and validation of what is about to be stored. */
  #finish(type: ResourceType, object: KubeObject, old: KubeObject | undefined, subresource: string): KubeObject {
    const hooked = this.#admit(this.#context.hooks, { type, object, old, subresource });
    const meta = old ? validateMetaUpdate(hooked, old, type) : validateMeta(hooked);
    const causes = [...meta, ...(type.rules.validate?.(hooked, old, subresource) ?? [])];
    if (causes.length > 0) throw invalid(kindTarget(type, hooked.metadata.name), causes);
    return this.#admit(validatingPlugins, { type, object: hooked, old, subresource });
  }

  #admit(
    hooks: Parameters<typeof admit>[0],
    write: { type: ResourceType; object: KubeObject; old: KubeObject | undefined; subresource: string },
  ): KubeObject {
    return admit(hooks, { ...write, operation: write.old ? "UPDATE" : "CREATE", store: this.#context.store });
  }

  #put(type: ResourceType, object: KubeObject, { dryRun }: WriteOptions): KubeObject {
    return dryRun ? object : this.#context.store.put(type.collection, object);
  }

  #remove({ type, namespace, name }: Locator, object: KubeObject, { dryRun }: WriteOptions): KubeObject {
    if (dryRun) return object;
    this.#context.store.put(type.collection, object);
    return this.#context.store.remove(type.collection, namespace, name) ?? object;
  }
}

/** The status of kinds with a status endpoint is not the creator's. */
function withoutStatus(type: ResourceType, object: KubeObject): KubeObject {
  return type.subresources.includes("status") ? without(object, "status") : object;
}

function normalise(type: ResourceType, object: KubeObject): KubeObject {
  try {
    return type.rules.normalise?.(object) ?? object;
  } catch (thrown) {
    if (!(thrown instanceof FieldError)) throw thrown;
    throw new ApiFailure(
      422,
      "Invalid",
      `${type.kind} "${object.metadata.name}" is invalid: ${thrown.field}: Invalid value: ${JSON.stringify(thrown.value)}: ${quantityRule}`,
      {
        target: kindTarget(type, object.metadata.name),
        causes: [wrongQuantity(thrown)],
      },
    );
  }
}

const quantityRule = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

function wrongQuantity({ field, value }: FieldError): Cause {
  return { reason: "FieldValueInvalid", message: `Invalid value: ${JSON.stringify(value)}: ${quantityRule}`, field };
}

/** The fields that only the server sets come from the stored object. */
function withIdentity(object: KubeObject, { metadata: old, apiVersion, kind }: KubeObject): KubeObject {
  const { uid = old.uid, labels, annotations, finalizers, ownerReferences } = object.metadata;
  const given = { uid, labels, annotations, finalizers, ownerReferences };
  const kept = without(
    old as unknown as Record<string, unknown>,
    "labels",
    "annotations",
    "finalizers",
    "ownerReferences",
  );
  const own = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...object, apiVersion, kind, metadata: { ...(kept as unknown as ObjectMeta), ...own } };
}

/** Status writes leave the rest alone; the built-in kinds let labels and annotations through. */
function onlyStatus(type: ResourceType, wanted: KubeObject, old: KubeObject): KubeObject {
  const { uid } = wanted.metadata;
  const metadata = type.custom ? { ...old.metadata, ...(uid ? { uid } : {}) } : wanted.metadata;
  const rest = without(old, "status");
  const status = wanted.status === undefined ? {} : { status: wanted.status };
  return { ...rest, metadata, ...status };
}

function checkPreconditions(type: ResourceType, wanted: KubeObject, old: KubeObject, { replace }: WriteOptions): void {
  const target = pluralTarget(type, old.metadata.name);
  const { uid, resourceVersion } = wanted.metadata;
  if (replace && uid && uid !== old.metadata.uid) {
    throw conflict(target, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`);
  }
  if (replace && !resourceVersion && !type.unconditionalUpdate) {
    const message = "Invalid value: 0: must be specified for an update";
    throw invalid(target, [{ reason: "FieldValueInvalid", message, field: "metadata.resourceVersion" }]);
  }
  if (resourceVersion && resourceVersion !== old.metadata.resourceVersion) throw modified(target);
}

/** The generation counts changes of what is desired: everything but metadata and status. */
function withGeneration(type: ResourceType, object: KubeObject, old: KubeObject): KubeObject {
  if (!type.generation) return object;
  const ignored = type.custom && !type.subresources.includes("status") ? ["metadata"] : ["metadata", "status"];
  if (sameJson(without(object, ...ignored), without(old, ...ignored))) return object;
  return { ...object, metadata: { ...object.metadata, generation: (old.metadata.generation ?? 0) + 1 } };
}

function managersAfter(
  object: KubeObject,
  old: KubeObject,
  { type, options, applied }: { type: ResourceType; options: WriteOptions; applied: ObjectMeta["managedFields"] },
): readonly ManagedFieldsEntry[] {
  if (options.manager.operation === "Apply" && applied) return applied;
  return recordUpdate(old, object, options.manager, type.schema);
}

/** Whether a write changes nothing: the times of its managers do not count. */
function unchanged(object: KubeObject, old: KubeObject): boolean {
  const timeless = ({ managedFields = [] }: ObjectMeta): unknown =>
    managedFields.map(({ time: _time, ...entry }) => entry);
  const content = ({ metadata, ...rest }: KubeObject): unknown => ({
    ...rest,
    metadata: { ...metadata, managedFields: undefined },
  });
  return sameJson(content(object), content(old)) && sameJson(timeless(object.metadata), timeless(old.metadata));
}

/** A deleted object goes when nobody holds it any more. */
function isGone({ metadata }: KubeObject): boolean {
  if (!metadata.deletionTimestamp || (metadata.finalizers ?? []).length > 0) return false;
  return (metadata.deletionGracePeriodSeconds ?? 0) === 0;
}
