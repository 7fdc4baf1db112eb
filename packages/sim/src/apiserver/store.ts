import { deepFreeze } from "./objects/equality.ts";
import type { KubeObject } from "./objects/model.ts";

/** One change of one stored object. */
export interface StoreEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly collection: string;
  /** After the change; for DELETED the last state with the deletion's resourceVersion. */
  readonly object: KubeObject;
  readonly previous: KubeObject | undefined;
  /** The global resourceVersion of the change. */
  readonly version: number;
}

/** Hears of every change, in order, in the same tick. */
export type StoreListener = (event: StoreEvent) => void;

type Collection = Map<string, KubeObject>;

/** All collections at one moment; cheap, because objects are frozen and shared. */
export interface StoreSnapshot {
  readonly version: number;
  readonly collections: ReadonlyMap<string, ReadonlyMap<string, KubeObject>>;
}

/**
 * What etcd is to the real server: frozen objects by collection and name, one
 * counter of versions, and a bounded window of past changes.
 */
export class Store {
  #version = 1;
  #compactedTo = 0;
  #history: StoreEvent[] = [];
  readonly #collections = new Map<string, Collection>();
  readonly #listeners = new Set<StoreListener>();
  readonly #dependents = new Map<string, Set<KubeObject>>();
  readonly #window: number;
  #pending: StoreEvent[] = [];
  #publishing = false;

  /** @param window how many past changes a watch may start from */
  constructor(window = 20_000) {
    this.#window = window;
  }

  /** The resourceVersion of the latest change. */
  get version(): number {
    return this.#version;
  }

  /** Watches can start from this version or later. */
  get compactedTo(): number {
    return this.#compactedTo;
  }

  get(collection: string, namespace: string, name: string): KubeObject | undefined {
    return this.#collections.get(collection)?.get(keyFor(namespace, name));
  }

  /** Every object of a collection, in no special order. */
  all(collection: string): Iterable<KubeObject> {
    return this.#collections.get(collection)?.values() ?? [];
  }

  count(collection: string): number {
    return this.#collections.get(collection)?.size ?? 0;
  }

  collections(): Iterable<string> {
    return this.#collections.keys();
  }

  /** Objects with an ownerReference to `uid`. */
  dependentsOf(uid: string): readonly KubeObject[] {
    return [...(this.#dependents.get(uid) ?? [])];
  }

  /** Stores `object` (and freezes what it is made of) under its name with a new resourceVersion; returns what was stored. */
  put(collection: string, object: KubeObject): KubeObject {
    const key = keyFor(object.metadata.namespace ?? "", object.metadata.name);
    const objects = this.#collection(collection);
    const previous = objects.get(key);
    const stored = stamped(object, ++this.#version);
    objects.set(key, stored);
    this.#publish({
      type: previous ? "MODIFIED" : "ADDED",
      collection,
      object: stored,
      previous,
      version: this.#version,
    });
    return stored;
  }

  /** Removes the object; undefined where there is none. */
  remove(collection: string, namespace: string, name: string): KubeObject | undefined {
    const previous = this.get(collection, namespace, name);
    if (!previous) return undefined;
    this.#collection(collection).delete(keyFor(namespace, name));
    const last = stamped(previous, ++this.#version);
    this.#publish({ type: "DELETED", collection, object: last, previous, version: this.#version });
    return last;
  }

  /** Changes after `version`; undefined where some of them are forgotten. */
  since(version: number): readonly StoreEvent[] | undefined {
    if (version < this.#compactedTo) return undefined;
    const oldest = this.#history[0]?.version ?? this.#version + 1;
    return this.#history.slice(Math.max(0, version + 1 - oldest));
  }

  /** Forgets all past changes, so that watches from older versions expire. */
  compact(): void {
    this.#history = [];
    this.#compactedTo = this.#version;
  }

  snapshot(): StoreSnapshot {
    const collections = new Map([...this.#collections].map(([name, objects]) => [name, new Map(objects)]));
    return { version: this.#version, collections };
  }

  /** @returns stops the listening */
  onChange(listener: StoreListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #collection(name: string): Collection {
    let objects = this.#collections.get(name);
    if (!objects) {
      objects = new Map();
      this.#collections.set(name, objects);
    }
    return objects;
  }

  #publish(event: StoreEvent): void {
    this.#history.push(event);
    if (this.#history.length > this.#window * 1.25) this.#trim();
    this.#indexOwners(event);
    this.#pending.push(event);
    if (!this.#publishing) this.#drain();
  }

  /** A listener may write: every listener still hears all changes in order. */
  #drain(): void {
    this.#publishing = true;
    try {
      for (let event = this.#pending.shift(); event; event = this.#pending.shift()) {
        for (const listener of this.#listeners) listener(event);
      }
    } finally {
      this.#publishing = false;
    }
  }

  #trim(): void {
    const gone = this.#history.length - this.#window;
    this.#compactedTo = this.#history[gone - 1]?.version ?? this.#compactedTo;
    this.#history = this.#history.slice(gone);
  }

  #indexOwners({ type, object, previous }: StoreEvent): void {
    if (previous)
      for (const { uid } of previous.metadata.ownerReferences ?? []) this.#dependents.get(uid)?.delete(previous);
    if (type === "DELETED") return;
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      const dependents = this.#dependents.get(uid) ?? new Set();
      this.#dependents.set(uid, dependents.add(object));
    }
  }
}

function keyFor(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

function stamped({ apiVersion, kind, metadata, ...rest }: KubeObject, version: number): KubeObject {
  return deepFreeze({ apiVersion, kind, metadata: { ...metadata, resourceVersion: String(version) }, ...rest });
}
