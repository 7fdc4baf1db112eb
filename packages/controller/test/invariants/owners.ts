// What the owners of pods have said, as far as the API server's objects tell.
import type { KubeObject, Store } from "@walras/sim/apiserver";

import { at, type Cpu, cpuOf, kept } from "./effective.ts";

type ByContainer = ReadonlyMap<string, Cpu>;

interface Owned {
  /** What was asked for at creation, or by whoever but a controller of ours set it since. */
  declared: ByContainer;
  /** Whether a controller may size it, now or ever. */
  sizable: boolean;
  everSizable: boolean;
  /** Whether a controller has ever resized it. */
  resized: boolean;
  readonly qos: unknown;
}

/** Remembers of each pod what its owner declared, and since when he has it on the market. */
export class Owners {
  readonly #store: Store;
  readonly #pods = new Map<string, Owned>();

  constructor(store: Store) {
    this.#store = store;
    for (const pod of store.all("pods")) this.#meet(pod);
    store.onChange(({ type, collection, object }) => {
      if (collection === "pods" && type === "DELETED") this.#pods.delete(uidOf(object));
      else if (collection === "pods") this.#meet(object);
      else if (collection === "namespaces") this.#namespace(object.metadata.name);
    });
  }

  of(pod: KubeObject): Readonly<Owned> {
    return this.#pods.get(uidOf(pod)) ?? this.#meet(pod);
  }

  /** Somebody else than a controller of ours has set these. */
  redeclared(pod: KubeObject, before: KubeObject): void {
    const owned = this.#meet(pod);
    const [was, is] = [cpuByName(before), cpuByName(pod)];
    owned.declared = new Map(
      [...owned.declared].map(([name, declared]) => [name, changed(declared, was.get(name), is.get(name))]),
    );
  }

  resized(pod: KubeObject): void {
    this.#meet(pod).resized = true;
  }

  #meet(pod: KubeObject): Owned {
    const known = this.#pods.get(uidOf(pod));
    const sizable = this.#isSizable(pod);
    if (known) {
      known.sizable = sizable;
      known.everSizable ||= sizable;
      return known;
    }
    const owned = {
      declared: cpuByName(pod),
      sizable,
      everSizable: sizable,
      resized: false,
      qos: at(pod, "status", "qosClass"),
    };
    this.#pods.set(uidOf(pod), owned);
    return owned;
  }

  #namespace(name: string): void {
    for (const pod of this.#store.all("pods")) if (pod.metadata.namespace === name) this.#meet(pod);
  }

  /** By the pod's label, else by its namespace's; a mode that only looks on is as none. */
  #isSizable(pod: KubeObject): boolean {
    const { labels, annotations, namespace = "" } = pod.metadata;
    const ofNamespace = this.#store.get("namespaces", "", namespace)?.metadata.labels?.["mbcas.io/managed"];
    const mode = annotations?.["mbcas.io/mode"] ?? "full";
    return (labels?.["mbcas.io/managed"] ?? ofNamespace) === "true" && mode !== "off" && mode !== "recommend";
  }
}

export function uidOf({ metadata }: KubeObject): string {
  return metadata.uid ?? "";
}

export function cpuByName(pod: KubeObject): ByContainer {
  return new Map(kept(pod).map((container) => [String(container["name"]), cpuOf(container)]));
}

function changed(declared: Cpu, was: Cpu | undefined, is: Cpu | undefined): Cpu {
  return {
    request: was?.request === is?.request ? declared.request : (is?.request ?? null),
    limit: was?.limit === is?.limit ? declared.limit : (is?.limit ?? null),
  };
}
