import type { V1Pod } from "@kubernetes/client-node";
import {
  getObject,
  type KubeObject,
  KubeError,
  type KubeTransport,
  listAll,
  objectPath,
  type Resource,
  resources,
} from "@walras/kube";

import { type PodState, toPodState } from "../../../base/cluster/pod.ts";
import type { ObjectRef } from "../../../base/told/decision.ts";
import type { Kinds } from "./kinds.ts";
import { Obstacle } from "./ports.ts";

/** One pod as the API server has it. */
export interface LivePod {
  readonly state: PodState;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Containers of a template, as far as they are changed. */
export interface TemplateContainer {
  readonly name: string;
  readonly resources?: {
    readonly requests?: Readonly<Record<string, string>>;
    readonly limits?: Readonly<Record<string, string>>;
  };
}

/** A workload at this moment, as the API server has it. */
export interface Live {
  readonly resource: Resource;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly version: string;
  readonly generation: number;
  readonly replicas: number;
  readonly template: {
    readonly annotations: Readonly<Record<string, string>>;
    readonly containers: readonly TemplateContainer[];
  };
}

interface RawWorkload {
  readonly metadata: { readonly uid: string; readonly resourceVersion: string; readonly generation?: number };
  readonly spec?: {
    readonly replicas?: number;
    readonly template?: {
      readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
      readonly spec?: { readonly containers?: readonly TemplateContainer[] };
    };
  };
}

interface Scale {
  readonly metadata: { readonly uid: string };
  readonly status?: { readonly selector?: string };
}

/** Reads workloads and their pods, not from a cache: what is written next depends on it. */
export class LiveReader {
  readonly #transport: KubeTransport;
  readonly #kinds: Kinds;

  constructor(transport: KubeTransport, kinds: Kinds) {
    this.#transport = transport;
    this.#kinds = kinds;
  }

  /** @throws Obstacle where there is no such workload any more, KubeError */
  async read(ref: ObjectRef): Promise<Live> {
    const resource = await this.#kinds.resourceOf(ref);
    if (!resource) throw new Obstacle("Refused", `${ref.kind} of ${ref.apiVersion} cannot be scaled`);
    const { namespace, name } = ref;
    const raw = (await goneIsAnObstacle(getObject(this.#transport, resource, { namespace, name }), ref)) as RawWorkload;
    if (raw.metadata.uid !== ref.uid) throw new Obstacle("Outdated", `${ref.kind} ${name} is another one by now`);
    return liveOf(raw, { resource, namespace, name });
  }

  /** Its pods, by the selector that its scale tells. @throws Obstacle, KubeError */
  async pods({ resource, namespace, name }: Live): Promise<readonly LivePod[]> {
    const path = objectPath(resource, { namespace, name }, "scale");
    const scale = (await this.#transport.send({ method: "GET", path })) as Scale;
    const labelSelector = scale.status?.selector ?? "";
    if (labelSelector === "") throw new Obstacle("Refused", `the scale of ${name} does not tell its pods`);
    const { items } = await listAll(this.#transport, resources.pod, { namespace, labelSelector });
    return (items as readonly V1Pod[]).map((raw) => ({
      state: toPodState(raw),
      labels: raw.metadata?.labels ?? {},
      annotations: raw.metadata?.annotations ?? {},
    }));
  }
}

function liveOf(
  { metadata, spec: { replicas = 1, template } = {} }: RawWorkload,
  where: Pick<Live, "resource" | "namespace" | "name">,
): Live {
  const { uid, resourceVersion: version, generation = 0 } = metadata;
  const { annotations = {} } = template?.metadata ?? {};
  const { containers = [] } = template?.spec ?? {};
  return { ...where, uid, version, generation, replicas, template: { annotations, containers } };
}

/** @throws Obstacle where what is asked for is not there */
export async function goneIsAnObstacle<Result>(
  asked: Promise<Result>,
  { kind, name }: Pick<ObjectRef, "kind" | "name">,
): Promise<Result> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof KubeError && error.status === 404)
      throw new Obstacle("Outdated", `${kind} ${name} is not there any more`);
    throw error;
  }
}

/** A merge patch that is for this very object and this version of it. */
export function meantFor({ uid, version }: Pick<Live, "uid" | "version">, body: KubeObject): KubeObject {
  return { ...body, metadata: { ...(body["metadata"] as KubeObject | undefined), uid, resourceVersion: version } };
}
