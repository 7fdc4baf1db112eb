import { admit } from "./admission/chain.ts";
import { type ServerContext, timestamp } from "./context.ts";
import { asMap, asText, type KubeObject, type ObjectMeta } from "./objects/model.ts";
import { pluralTarget, type ResourceType } from "./resources.ts";
import { conflict, notFound } from "./status.ts";
import type { Locator } from "./writes.ts";

/** DeleteOptions, as far as they are used. */
export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: "Background" | "Foreground" | "Orphan";
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: readonly string[];
}

const foreground = "foregroundDeletion";

/** Deletion: finalizers, grace periods, and what goes with an owner or a namespace. */
export class Remover {
  readonly #context: ServerContext;

  constructor(context: ServerContext) {
    this.#context = context;
    context.store.onChange((event) => {
      if (event.type === "DELETED") this.#removed(event.object, event.collection);
    });
  }

  /**
   * Deletes the object, or marks it where a finalizer or a kubelet holds it.
   *
   * @returns the object as it is now, and whether it is gone
   * @throws ApiFailure 404, or 409 where a precondition does not hold
   */
  delete(at: Locator, options: DeleteOptions): { object: KubeObject; gone: boolean } {
    const { store, hooks } = this.#context;
    const object = store.get(at.type.collection, at.namespace, at.name);
    if (!object) throw notFound(pluralTarget(at.type, at.name));
    checkPreconditions(at.type, object, options);
    admit(hooks, { operation: "DELETE", type: at.type, subresource: "", object, old: object, store });
    if (options.dryRun?.includes("All")) return { object, gone: true };
    return this.#release(at.type, object, options);
  }

  #release(type: ResourceType, object: KubeObject, options: DeleteOptions): { object: KubeObject; gone: boolean } {
    const held = this.#propagate(object, options);
    const graceSeconds = graceOf(type, held, options);
    const waits = graceSeconds > 0 || (held.metadata.finalizers ?? []).length > 0 || type.plural === "namespaces";
    if (waits) return { object: this.#mark(type, held, graceSeconds), gone: false };
    const { metadata } = object;
    return {
      object: this.#context.store.remove(type.collection, metadata.namespace ?? "", metadata.name) ?? object,
      gone: true,
    };
  }

  #propagate(object: KubeObject, { propagationPolicy }: DeleteOptions): KubeObject {
    const { uid = "", finalizers = [] } = object.metadata;
    if (propagationPolicy === "Orphan") this.#orphan(uid);
    const dependents = propagationPolicy === "Foreground" && this.#context.store.dependentsOf(uid).length > 0;
    if (!dependents || finalizers.includes(foreground)) return object;
    return { ...object, metadata: { ...object.metadata, finalizers: [...finalizers, foreground] } };
  }

  #orphan(uid: string): void {
    for (const dependent of this.#context.store.dependentsOf(uid)) {
      const ownerReferences = (dependent.metadata.ownerReferences ?? []).filter((owner) => owner.uid !== uid);
      const type = this.#typeOf(dependent);
      if (type)
        this.#context.store.put(type.collection, {
          ...dependent,
          metadata: { ...dependent.metadata, ownerReferences },
        });
    }
  }

  #mark(type: ResourceType, object: KubeObject, graceSeconds: number): KubeObject {
    const { metadata } = object;
    const shorter = graceSeconds < (metadata.deletionGracePeriodSeconds ?? Infinity);
    if (metadata.deletionTimestamp && !shorter) return object;
    const marked = { ...object, metadata: { ...metadata, ...this.#deletionOf(object, graceSeconds) } };
    if (type.plural === "namespaces") return this.#terminate(marked);
    const stored = this.#context.store.put(type.collection, marked);
    if (metadata.finalizers?.includes(foreground)) this.#deleteDependents(metadata.uid ?? "");
    return stored;
  }

  #deletionOf({ metadata }: KubeObject, graceSeconds: number): Partial<ObjectMeta> {
    const { generation, deletionTimestamp } = metadata;
    return {
      deletionTimestamp: timestamp(this.#context, graceSeconds),
      deletionGracePeriodSeconds: graceSeconds,
      ...(generation === undefined ? {} : { generation: generation + (deletionTimestamp ? 0 : 1) }),
    };
  }

  #terminate(namespace: KubeObject): KubeObject {
    const status = { ...namespace.status, phase: "Terminating" };
    const stored = this.#context.store.put("namespaces", { ...namespace, status });
    this.#emptyNamespace(namespace.metadata.name);
    return stored;
  }

  #emptyNamespace(namespace: string): void {
    for (const object of this.#contentOf(namespace)) this.#deleteOne(object);
    this.#finishNamespace(namespace);
  }

  #contentOf(namespace: string): readonly KubeObject[] {
    const { store } = this.#context;
    return [...store.collections()].flatMap((name) =>
      [...store.all(name)].filter(({ metadata }) => metadata.namespace === namespace),
    );
  }

  #finishNamespace(name: string): void {
    const namespace = this.#context.store.get("namespaces", "", name);
    if (!namespace?.metadata.deletionTimestamp || this.#contentOf(name).length > 0) return;
    this.#context.store.remove("namespaces", "", name);
  }

  #deleteDependents(uid: string): void {
    for (const dependent of this.#context.store.dependentsOf(uid)) {
      const owners = dependent.metadata.ownerReferences ?? [];
      if (owners.every((owner) => owner.uid === uid || !this.#exists(owner.uid))) this.#deleteOne(dependent);
    }
  }

  #exists(uid: string): boolean {
    const { store } = this.#context;
    return [...store.collections()].some((name) => [...store.all(name)].some(({ metadata }) => metadata.uid === uid));
  }

  #deleteOne(object: KubeObject): void {
    const type = this.#typeOf(object);
    if (type) this.#release(type, object, {});
  }

  #typeOf({ apiVersion, kind }: KubeObject): ResourceType | undefined {
    const types = this.#context.catalogue.all();
    const exact = types.find(
      (type) => type.kind === kind && apiVersion === (type.group ? `${type.group}/${type.version}` : type.version),
    );
    return exact ?? types.find((type) => type.kind === kind && apiVersion.startsWith(`${type.group}/`));
  }

  /** Garbage collection: dependents follow their owner, owners that waited for dependents go, as do empty namespaces. */
  #removed({ metadata }: KubeObject, collection: string): void {
    this.#deleteDependents(metadata.uid ?? "");
    for (const owner of metadata.ownerReferences ?? []) this.#finishForeground(owner.uid, owner.kind);
    if (metadata.namespace && collection !== "namespaces") this.#finishNamespace(metadata.namespace);
  }

  #finishForeground(uid: string, kind: string): void {
    const { store, catalogue } = this.#context;
    if (store.dependentsOf(uid).length > 0) return;
    for (const type of catalogue.all()) {
      if (type.kind !== kind || type.store) continue;
      const owner = [...store.all(type.collection)].find((object) => object.metadata.uid === uid);
      if (owner?.metadata.finalizers?.includes(foreground)) this.#dropFinalizer(type, owner);
    }
  }

  #dropFinalizer(type: ResourceType, owner: KubeObject): void {
    const finalizers = (owner.metadata.finalizers ?? []).filter((name) => name !== foreground);
    const { namespace = "", name } = owner.metadata;
    this.#context.store.put(type.collection, { ...owner, metadata: { ...owner.metadata, finalizers } });
    if (finalizers.length === 0) this.#context.store.remove(type.collection, namespace, name);
  }
}

function checkPreconditions(
  type: ResourceType,
  { metadata, kind }: KubeObject,
  { preconditions }: DeleteOptions,
): void {
  const target = { group: type.group, kind, name: metadata.name };
  const { uid, resourceVersion } = preconditions ?? {};
  if (uid !== undefined && uid !== metadata.uid) {
    throw conflict(
      target,
      `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
    );
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    throw conflict(
      target,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`,
    );
  }
}

/** Seconds a kubelet gets to stop the pod; pods on no node, or over, go at once. */
function graceOf(type: ResourceType, object: KubeObject, { gracePeriodSeconds }: DeleteOptions): number {
  if (type.collection !== "pods") return 0;
  const { nodeName, terminationGracePeriodSeconds = 30 } = asMap(object.spec);
  const phase = asText(object.status?.["phase"]);
  if (!nodeName || phase === "Succeeded" || phase === "Failed") return 0;
  return gracePeriodSeconds ?? Number(terminationGracePeriodSeconds);
}
