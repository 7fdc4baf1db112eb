import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { creationBindings, creationProfileName, creationProfileResource, type CreationProfileSpec } from "@walras/api";
import { collectionPath, createObject, deleteObject, resources } from "@walras/kube";
import { stringify } from "yaml";

import type { Cluster } from "./cluster.ts";
import { eventually } from "./wait.ts";

const deploy = join(import.meta.dirname, "..", "..", "deploy", "sizing");

/** Of a kind that it did not find an API server sees only after 30 s that it is there. */
export const longestUnknownMs = 60_000;

/** A pod that was admitted, as far as sizing goes. */
export interface Admitted {
  readonly metadata: {
    readonly annotations?: Readonly<Record<string, string>>;
    readonly managedFields?: readonly object[];
  };
  readonly spec: {
    readonly containers: readonly Sized[];
    readonly initContainers?: readonly Sized[];
  };
}

interface Sized {
  readonly name: string;
  readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
}

/** The shipped policies, in namespaces that a label names. */
export class Sizing {
  readonly label: Readonly<Record<string, string>>;
  readonly #cluster: Cluster;
  readonly #folder: string;

  /** @param folder for files that kubectl reads */
  constructor(cluster: Cluster, folder: string) {
    this.#cluster = cluster;
    this.#folder = folder;
    this.label = { "walras-sizing": String(process.pid) };
  }

  /** The policies, without the kind that they read. */
  async installPolicies(): Promise<void> {
    const matchResources = { namespaceSelector: { matchLabels: this.label } };
    const bindings = creationBindings().map((one) => ({
      ...one,
      spec: { ...(one["spec"] as object), matchResources },
    }));
    const file = join(this.#folder, "bindings.yaml");
    await writeFile(file, bindings.map((one) => stringify(one)).join("---\n"));
    await this.#cluster.kubectl("apply", "-f", join(deploy, "policies.yaml"), "-f", file);
  }

  async installKind(): Promise<void> {
    await this.#cluster.kubectl("apply", "-f", join(deploy, "creationprofiles.yaml"));
    await this.#cluster.kubectl("wait", "--for=condition=Established", "crd", "creationprofiles.allocation.mbcas.io");
  }

  async remove(): Promise<void> {
    await this.#cluster.kubectl("delete", "-k", deploy, "--ignore-not-found");
  }

  /** What a new pod would be. @throws KubeError where it is refused */
  async admit(namespace: string, pod: object): Promise<Admitted> {
    const path = collectionPath(resources.pod, namespace);
    const body = { apiVersion: "v1", kind: "Pod", ...pod };
    return (await this.#cluster.transport.send({ method: "POST", path, query: { dryRun: "All" }, body })) as Admitted;
  }

  /** Says what a namespace's new pods are sized by, and waits until it does. @param probe a pod that is sized then */
  async say(namespace: string, spec: CreationProfileSpec, probe?: object): Promise<void> {
    const name = creationProfileName;
    await deleteObject(this.#cluster.transport, creationProfileResource, { namespace, name });
    await createObject(this.#cluster.transport, creationProfileResource, namespace, { metadata: { name }, spec });
    if (!probe) return;
    await eventually(
      "new pods to be sized",
      () => this.admit(namespace, probe),
      ({ metadata }) => metadata.annotations?.["mbcas.io/declared"] !== undefined,
      longestUnknownMs,
    );
  }
}

/** The CPU requests of all containers of a pod: `app=120m`. */
export function requestsOf({ spec: { containers, initContainers = [] } }: Admitted): string {
  return [...containers, ...initContainers]
    .map(({ name, resources: { requests } = {} }) => `${name}=${requests?.["cpu"] ?? ""}`)
    .join(",");
}
