import { KubeError, type KubeTransport, type Resource } from "@walras/kube";

import type { ObjectRef } from "../../../base/told/decision.ts";

const apps = { apiVersion: "apps/v1", namespaced: true } as const;

const known: readonly Resource[] = [
  { ...apps, kind: "Deployment", plural: "deployments" },
  { ...apps, kind: "ReplicaSet", plural: "replicasets" },
  { ...apps, kind: "StatefulSet", plural: "statefulsets" },
];

/** Kinds whose replicas go in the order of their deletion costs. */
export const kindsWithDeletionCost: ReadonlySet<string> = new Set(["Deployment", "ReplicaSet"]);

interface Discovered {
  readonly resources?: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[];
}

/** Where workloads of a kind are: those of Kubernetes are known, others are asked for, once. */
export class Kinds {
  readonly #transport: KubeTransport;
  readonly #found = new Map<string, Promise<Resource | null>>();

  constructor(transport: KubeTransport) {
    this.#transport = transport;
  }

  /** null: there is no such kind, or it cannot be scaled. @throws KubeError */
  resourceOf({ apiVersion, kind }: Pick<ObjectRef, "apiVersion" | "kind">): Promise<Resource | null> {
    const own = known.find((one) => one.apiVersion === apiVersion && one.kind === kind);
    if (own) return Promise.resolve(own);
    const key = `${apiVersion} ${kind}`;
    const found = this.#found.get(key) ?? this.#ask(apiVersion, kind);
    this.#found.set(key, found);
    found.catch(() => this.#found.delete(key));
    return found;
  }

  async #ask(apiVersion: string, kind: string): Promise<Resource | null> {
    const { resources = [] } = (await this.#transport
      .send({ method: "GET", path: `/apis/${apiVersion}` })
      .catch(noneIfNotServed)) as Discovered;
    const one = resources.find((each) => each.kind === kind && !each.name.includes("/"));
    if (!one || !resources.some(({ name }) => name === `${one.name}/scale`)) return null;
    return { apiVersion, kind, plural: one.name, namespaced: one.namespaced };
  }
}

function noneIfNotServed(error: unknown): Discovered {
  if (error instanceof KubeError && error.status === 404) return {};
  throw error;
}
