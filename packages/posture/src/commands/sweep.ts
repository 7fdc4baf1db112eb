import { KubeError, type KubeTransport, listAll, objectPath } from "@walras/kube";

import { type OwnKind, shownName } from "./kinds.ts";
import type { Teller } from "./teller.ts";

/** Something of ours that is still there. */
export interface Remnant {
  readonly what: string;
  readonly finalizers: readonly string[];
}

interface Item {
  readonly metadata: { readonly name: string; readonly uid: string; readonly finalizers?: readonly string[] };
}

/** Deletes one kind of our objects: whatever is there, also what comes while others go. */
export class Sweep {
  readonly #transport: KubeTransport;
  readonly #teller: Teller;
  readonly #kind: OwnKind;
  readonly #namespace: string;
  /** By UID: those that are going. */
  readonly #going = new Map<string, Item>();
  /** By UID: those that we may not delete. */
  readonly #refused = new Set<string>();
  #present: readonly Item[] = [];
  #unreadable = false;

  constructor({ transport, teller }: { transport: KubeTransport; teller: Teller }, kind: OwnKind, namespace: string) {
    this.#transport = transport;
    this.#teller = teller;
    this.#kind = kind;
    this.#namespace = namespace;
  }

  /** Whether something could not be read or deleted. */
  get failed(): boolean {
    return this.#unreadable || this.#refused.size > 0;
  }

  /** Sees what is there, and tells of what has gone. */
  async look(): Promise<void> {
    this.#present = await this.#list();
    const uids = new Set(this.#present.map(({ metadata }) => metadata.uid));
    for (const [uid, { metadata }] of this.#going) {
      if (uids.has(uid)) continue;
      this.#going.delete(uid);
      this.#teller.did(this.#shown(metadata.name), "deleted");
    }
  }

  /** Asks for what is there to be deleted. @returns what is going */
  async ask(): Promise<readonly Remnant[]> {
    for (const item of this.#present) await this.#askFor(item);
    return [...this.#going.values()].map(({ metadata }) => ({
      what: this.#shown(metadata.name),
      finalizers: metadata.finalizers ?? [],
    }));
  }

  /** None of a kind that the cluster does not have. */
  async #list(): Promise<readonly Item[]> {
    if (this.#unreadable) return [];
    const { resource, selector, isOurs = () => true } = this.#kind;
    try {
      const { items } = await listAll(this.#transport, resource, {
        namespace: this.#namespace,
        labelSelector: selector,
      });
      return items.filter(isOurs) as Item[];
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return [];
      this.#unreadable = true;
      this.#going.clear();
      this.#teller.failed(resource.plural, error);
      return [];
    }
  }

  async #askFor(item: Item): Promise<void> {
    const { name, uid } = item.metadata;
    if (this.#refused.has(uid)) return;
    const isAsked = this.#going.has(uid);
    this.#going.set(uid, item);
    if (isAsked) return;
    try {
      await this.#delete(name, uid);
    } catch (error) {
      this.#refused.add(uid);
      this.#going.delete(uid);
      this.#teller.failed(this.#shown(name), error);
    }
  }

  /** In the foreground: an owner stays until what it owns has gone. Never a successor of the same name. */
  async #delete(name: string, uid: string): Promise<void> {
    try {
      await this.#transport.send({
        method: "DELETE",
        path: objectPath(this.#kind.resource, { namespace: this.#namespace, name }),
        body: { propagationPolicy: "Foreground", preconditions: { uid } },
      });
    } catch (error) {
      if (!(error instanceof KubeError) || (error.status !== 404 && error.status !== 409)) throw error;
    }
  }

  #shown(name: string): string {
    return shownName(this.#kind.resource, name);
  }
}
