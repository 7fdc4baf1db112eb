import { sleep, systemClock } from "@walras/kit";

import { collectionPath, objectPath, resources } from "../paths.ts";
import { KubeError, type KubeRequest, type KubeTransport, type Resource } from "../port.ts";
import { parseWatchEvent, type WatchEvent } from "../watchEvent.ts";

/** An object as the suite looks at it. */
export interface Thing {
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation?: number;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly managedFields?: readonly {
      readonly manager: string;
      readonly subresource?: string;
      readonly fieldsV1?: unknown;
    }[];
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, string>>;
}

/** A page of a list. */
export interface ThingList {
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items: readonly Thing[];
}

const patchTypes = {
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  json: "application/json-patch+json",
  apply: "application/apply-patch+yaml",
} as const;

/** A patch and where it goes. */
export interface Patch {
  readonly kind: keyof typeof patchTypes;
  readonly body: unknown;
  readonly subresource?: string;
  readonly query?: Readonly<Record<string, string>>;
}

/** Which object, of which kind: ["Pod resource", "name", "subresource"?] */
export type Address = readonly [resource: Resource, name: string, subresource?: string];

/** A namespace of its own on the server under test, and the calls that tests make. */
export class Scratch {
  readonly transport: KubeTransport;
  readonly namespace: string;
  readonly #clusterScoped: Address[] = [];
  readonly #abort = new AbortController();

  private constructor(transport: KubeTransport, namespace: string) {
    this.transport = transport;
    this.namespace = namespace;
  }

  /** Makes the namespace and waits until pods may be created in it. */
  static async open(transport: KubeTransport): Promise<Scratch> {
    const body = { metadata: { generateName: "contract-" } };
    const path = collectionPath(resources.namespace);
    const { metadata } = (await transport.send({ method: "POST", path, body })) as Thing;
    const scratch = new Scratch(transport, metadata.name);
    await eventually(() => scratch.get(serviceAccounts, "default"));
    return scratch;
  }

  /** Removes everything that was made; pods without a kubelet would stay for ever otherwise. */
  async close(): Promise<void> {
    this.#abort.abort();
    const pods = await this.list(resources.pod);
    const now = { gracePeriodSeconds: 0 };
    for (const { metadata } of pods.items) await this.remove([resources.pod, metadata.name], now).catch(ignoreNotFound);
    for (const address of this.#clusterScoped.toReversed()) await this.remove(address).catch(ignoreNotFound);
    await this.remove([resources.namespace, this.namespace]);
  }

  async create(resource: Resource, body: object): Promise<Thing> {
    const made = (await this.transport.send({ method: "POST", path: this.collection(resource), body })) as Thing;
    if (!resource.namespaced) this.#clusterScoped.push([resource, made.metadata.name]);
    return made;
  }

  get(...address: Address): Promise<Thing> {
    return this.#send({ method: "GET", path: this.path(address) });
  }

  put(address: Address, body: object): Promise<Thing> {
    return this.#send({ method: "PUT", path: this.path(address), body });
  }

  patch([resource, name]: Address, { kind, body, subresource, query = {} }: Patch): Promise<Thing> {
    const path = objectPath(resource, { namespace: this.namespace, name }, subresource);
    return this.#send({ method: "PATCH", path, contentType: patchTypes[kind], body, query });
  }

  remove(address: Address, options?: object): Promise<unknown> {
    const body = options === undefined ? {} : { body: { kind: "DeleteOptions", apiVersion: "v1", ...options } };
    return this.transport.send({ method: "DELETE", path: this.path(address), ...body });
  }

  async list(resource: Resource, query: Readonly<Record<string, string>> = {}): Promise<ThingList> {
    return (await this.transport.send({ method: "GET", path: this.collection(resource), query })) as ThingList;
  }

  /** A POST to a subresource. */
  post(address: Address, body: object): Promise<Thing> {
    return this.#send({ method: "POST", path: this.path(address), body });
  }

  /** A watch whose events are kept as they come, until the scratch is closed. */
  async watch(resource: Resource, query: Readonly<Record<string, string>>): Promise<Recording> {
    const lines = await this.transport.stream({
      method: "GET",
      path: this.collection(resource),
      query: { watch: "true", ...query },
      signal: this.#abort.signal,
    });
    return new Recording(lines);
  }

  collection(resource: Resource): string {
    return collectionPath(resource, this.namespace);
  }

  path([resource, name, subresource]: Address): string {
    return objectPath(resource, { namespace: this.namespace, name }, subresource);
  }

  async #send(request: KubeRequest): Promise<Thing> {
    return (await this.transport.send(request)) as Thing;
  }
}

/** What a watch has told so far. */
export class Recording {
  readonly events: (Omit<WatchEvent, "object"> & { readonly object: Thing })[] = [];
  /** Resolves when the watch ends, with why where that was an error. */
  readonly ended: Promise<unknown>;

  constructor(lines: AsyncIterable<string>) {
    this.ended = this.#read(lines).catch((error: unknown) => error);
  }

  /** Type and name of each event, bookmarks left out. */
  get summary(): string[] {
    return this.events
      .filter(({ type }) => type !== "BOOKMARK")
      .map(({ type, object }) => `${type} ${object.metadata.name}`);
  }

  async #read(lines: AsyncIterable<string>): Promise<void> {
    for await (const line of lines) this.events.push(parseWatchEvent(line) as (typeof this.events)[number]);
  }
}

/** The error that `call` fails with. @throws Error where it succeeds */
export async function failureOf(call: Promise<unknown>): Promise<KubeError> {
  const outcome = await call.then(
    (answer) => new Error(`succeeded with ${JSON.stringify(answer)}`),
    (error: unknown) => error,
  );
  if (outcome instanceof KubeError) return outcome;
  throw outcome;
}

/** Tries again for some seconds until `check` does not throw. */
export async function eventually<Answer>(check: () => Answer | Promise<Answer>, withinMs = 10_000): Promise<Answer> {
  const untilMs = systemClock.monotonicMs() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (systemClock.monotonicMs() >= untilMs) throw error;
      await sleep(systemClock, 25);
    }
  }
}

function ignoreNotFound(error: unknown): void {
  if (!(error instanceof KubeError) || error.status !== 404) throw error;
}

function builtin(apiVersion: string, kind: string, plural: string, namespaced = true): Resource {
  return { apiVersion, kind, plural, namespaced };
}

export const configMaps = builtin("v1", "ConfigMap", "configmaps");
export const serviceAccounts = builtin("v1", "ServiceAccount", "serviceaccounts");
export const limitRanges = builtin("v1", "LimitRange", "limitranges");
export const resourceQuotas = builtin("v1", "ResourceQuota", "resourcequotas");
export const deployments = builtin("apps/v1", "Deployment", "deployments");
export const definitions = builtin(
  "apiextensions.k8s.io/v1",
  "CustomResourceDefinition",
  "customresourcedefinitions",
  false,
);
