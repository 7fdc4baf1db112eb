import { describeError } from "@walras/kit";
import { KubeError, type KubeTransport, mergePatch, objectPath, resources } from "@walras/kube";
import type { V1Pod } from "@kubernetes/client-node";

import type { Writes } from "../../../base/access/gate.ts";
import { writePriority } from "../../../base/access/priorities.ts";
import type { Decision } from "../decide/schedule/placer.ts";
import { podKey, type SchedPod } from "../decide/schedule/pod.ts";
import { Refused } from "./refused.ts";

type Annotations = Readonly<Record<string, string>>;
type PodName = Pick<SchedPod, "namespace" | "name" | "uid">;

/** What was chosen for a pod. */
interface Binding {
  readonly node: string;
  readonly annotations: Annotations;
  /** Of the pod that is meant; "": whichever. */
  readonly version: string;
}

/** Puts pods on nodes. */
export interface BindPort {
  /** Writes on the pod what it is going to get; null takes back. @returns its version after that @throws KubeError 409 where it has changed */
  claim(pod: PodName, annotations: Readonly<Record<string, string | null>>, version: string): Promise<string>;
  /** @throws KubeError 409 where the pod has changed since, or is bound */
  bind(pod: PodName, binding: Binding): Promise<void>;
  /** The node that the pod is on; "": none; null: the pod is gone. */
  nodeOf(pod: PodName): Promise<string | null>;
}

export function bindPort(transport: KubeTransport): BindPort {
  return {
    claim: async ({ namespace, name, uid }, annotations, version) => {
      const patch = { metadata: { uid, resourceVersion: version, annotations } };
      const target = { resource: resources.pod, name: { namespace, name } };
      const { metadata } = (await mergePatch(transport, target, patch)) as V1Pod;
      return metadata?.resourceVersion ?? "";
    },
    bind: async ({ namespace, name, uid }, { node, annotations, version }) => {
      await transport.send({
        method: "POST",
        path: objectPath(resources.pod, { namespace, name }, "binding"),
        body: {
          apiVersion: "v1",
          kind: "Binding",
          metadata: { namespace, name, uid, annotations, ...(version === "" ? {} : { resourceVersion: version }) },
          target: { apiVersion: "v1", kind: "Node", name: node },
        },
        unread: true,
      });
    },
    nodeOf: async ({ namespace, name, uid }) => {
      const path = objectPath(resources.pod, { namespace, name });
      const pod = (await transport.send({ method: "GET", path }).catch(noneIfGone)) as V1Pod | null;
      return pod?.metadata?.uid === uid ? (pod.spec?.nodeName ?? "") : null;
    },
  };
}

function noneIfGone(error: unknown): null {
  if (error instanceof KubeError && error.status === 404) return null;
  throw error;
}

export interface BinderOptions {
  readonly port: BindPort;
  readonly writes: Pick<Writes, "perform">;
  /** Why a decision cannot be any more, by what is known at this moment; null: it can. */
  readonly outdated: (decision: Decision) => string | null;
  readonly annotationsOf: (decision: Decision) => Annotations;
}

/**
 * Binds what was decided. A pod that gets GPUs by name first carries them as a claim, which the next leader sees before it gives them
 * to others; the binding is then for that very version of the pod. So a late call of a leader that is none any more is refused once
 * another has taken the claim back.
 */
export class Binder {
  readonly #options: BinderOptions;

  constructor(options: BinderOptions) {
    this.#options = options;
  }

  /** Claims for all or for none. @returns the version of each pod @throws Refused */
  async claim(batch: readonly Decision[]): Promise<readonly string[]> {
    const claims = await Promise.allSettled(batch.map((decision) => this.#claim(decision)));
    return claims.map((claim) => {
      if (claim.status === "rejected") throw new Refused(describeError(claim.reason), { cause: claim.reason });
      return claim.value;
    });
  }

  /** @throws Refused where it is known not to be bound; whatever else is thrown, it may be */
  bind(decision: Decision, version: string): Promise<void> {
    const { pod, node } = decision;
    const binding = { node, annotations: this.#options.annotationsOf(decision), version };
    return this.#perform(decision, async () => {
      try {
        await this.#options.port.bind(pod, binding);
      } catch (error) {
        await this.#settle(decision, error);
      }
    });
  }

  /** A refusal may be the echo of a try that succeeded and was never answered: only the pod itself can tell. */
  async #settle({ pod, node }: Decision, error: unknown): Promise<void> {
    if (!isRefusal(error)) throw error;
    const at = await this.#options.port.nodeOf(pod);
    if (at !== node) throw new Refused(describeError(error), { cause: error });
  }

  async #claim(decision: Decision): Promise<string> {
    const { pod, devices, grants } = decision;
    if (devices.length === 0 && grants.length === 0) return "";
    if (sameDevices(pod.devices, devices) && pod.enforcedBy === decision.tier) return pod.version;
    const annotations = this.#options.annotationsOf(decision);
    return this.#perform(decision, async () => {
      try {
        return await this.#options.port.claim(pod, annotations, pod.version);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        throw new Refused(describeError(error), { cause: error });
      }
    });
  }

  #perform<T>(decision: Decision, write: () => Promise<T>): Promise<T> {
    return this.#options.writes.perform({
      key: `gpu pod ${podKey(decision.pod)}`,
      priority: writePriority.bind,
      write: () => {
        const why = this.#options.outdated(decision);
        return why === null ? write() : Promise.reject(new Refused(why));
      },
    });
  }
}

/** The API server has decided: trying the same again is of no use. */
function isRefusal(error: unknown): boolean {
  return error instanceof KubeError && error.status >= 400 && error.status < 500 && error.status !== 429;
}

function sameDevices(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((one, index) => one === others[index]);
}
