import { type Clock, describeError, type Logger, type Timer } from "@walras/kit";
import { type KubeTransport, resources, objectPath } from "@walras/kube";

import type { KubeObject, Store } from "../apiserver/index.ts";
import { asText, mapsOf } from "../apiserver/objects/model.ts";
import type { PodWriter } from "../node/kubeletPorts.ts";
import { maxPods } from "../node/nodeObject.ts";
import { type Requests, viewOf } from "../node/podView.ts";
import { countedRequests, NodeAccounts } from "./nodeAccounts.ts";

/** A node as the scheduler sees it. */
export interface Candidate {
  readonly name: string;
  readonly allocatable: Requests;
}

/** What the scheduler works with. */
export interface SchedulerParts {
  readonly store: Store;
  readonly transport: KubeTransport;
  readonly writer: Pick<PodWriter, "writeStatus">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The nodes there are, as they are now. */
  readonly candidates: () => readonly Candidate[];
}

const retryMs = 500;

/**
 * The node that fits and has the largest share free afterwards (the real
 * scheduler's LeastAllocated score); undefined where the pod fits on none.
 */
export function chooseNode(
  candidates: readonly Candidate[],
  accounts: NodeAccounts,
  wanted: Requests,
): Candidate | undefined {
  let best: Candidate | undefined;
  let bestFree = -1;
  for (const candidate of candidates) {
    const free = freeShare(candidate, accounts, wanted);
    if (free > bestFree) [best, bestFree] = [candidate, free];
  }
  return best;
}

function freeShare({ name, allocatable }: Candidate, accounts: NodeAccounts, wanted: Requests): number {
  const held = accounts.heldOn(name);
  const cpu = 1 - (held.cpu + wanted.cpu) / allocatable.cpu;
  const memory = 1 - (held.memory + wanted.memory) / allocatable.memory;
  return cpu < 0 || memory < 0 || held.pods >= maxPods ? -1 : (cpu + memory) / 2;
}

/** Binds pods that are bound nowhere, by the real Binding call; a pod that fits nowhere is tried again. */
export class Scheduler {
  readonly #parts: SchedulerParts;
  readonly #accounts = new NodeAccounts();
  readonly #waiting = new Map<string, KubeObject>();
  readonly #binding = new Set<string>();
  #timer: Timer | undefined;
  #stopListening: (() => void) | undefined;

  constructor(parts: SchedulerParts) {
    this.#parts = parts;
  }

  start(): void {
    const { store } = this.#parts;
    for (const pod of store.all("pods")) this.#seen(pod);
    this.#stopListening = store.onChange(({ type, collection, object }) => {
      if (collection !== "pods") return;
      if (type === "DELETED") this.#gone(object.metadata.uid ?? "");
      else this.#seen(object);
    });
    this.#scheduleNext(0);
  }

  stop(): void {
    this.#stopListening?.();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #seen(pod: KubeObject): void {
    const uid = pod.metadata.uid ?? "";
    if (asText(pod.spec?.["nodeName"]) !== "") {
      this.#waiting.delete(uid);
      this.#binding.delete(uid);
      this.#accounts.set(pod);
      return;
    }
    if (this.#binding.has(uid) || pod.metadata.deletionTimestamp) return;
    const isNew = !this.#waiting.has(uid);
    this.#waiting.set(uid, pod);
    if (isNew) this.#scheduleNext(0);
  }

  #gone(uid: string): void {
    this.#waiting.delete(uid);
    this.#binding.delete(uid);
    this.#accounts.delete(uid);
  }

  #scheduleNext(delayMs: number): void {
    if (!this.#stopListening) return;
    this.#timer?.cancel();
    this.#timer = this.#parts.clock.after(delayMs, () => this.#scheduleAll());
  }

  #scheduleAll(): void {
    const candidates = this.#parts.candidates();
    for (const [uid, pod] of this.#waiting) {
      const node = chooseNode(candidates, this.#accounts, countedRequests(pod));
      if (node) this.#bind(uid, pod, node.name);
      else this.#sayUnschedulable(pod);
    }
    if (this.#waiting.size > 0) this.#scheduleNext(retryMs);
  }

  /** The pod counts for the node at once, before the API server has answered. */
  #bind(uid: string, pod: KubeObject, node: string): void {
    this.#waiting.delete(uid);
    this.#binding.add(uid);
    this.#accounts.set(pod, node);
    const { namespace = "", name } = pod.metadata;
    const body = {
      apiVersion: "v1",
      kind: "Binding",
      metadata: { namespace, name, uid },
      target: { apiVersion: "v1", kind: "Node", name: node },
    };
    const path = objectPath(resources.pod, { namespace, name }, "binding");
    this.#parts.transport.send({ method: "POST", path, body }).catch((error: unknown) => {
      this.#parts.logger.warn({ pod: `${namespace}/${name}`, error: describeError(error) }, "binding failed");
      if (!this.#binding.delete(uid)) return;
      this.#accounts.delete(uid);
      this.#waiting.set(uid, pod);
      this.#scheduleNext(retryMs);
    });
  }

  #sayUnschedulable(pod: KubeObject): void {
    const { candidates, clock, writer } = this.#parts;
    const count = candidates().length;
    const message = `0/${count} nodes are available: ${count} Insufficient cpu or memory.`;
    const lastTransitionTime = `${new Date(clock.wallMs()).toISOString().slice(0, 19)}Z`;
    writer.writeStatus(viewOf(pod), (stored) => {
      const conditions = mapsOf(stored.status?.["conditions"]);
      if (conditions.some(({ type, reason }) => type === "PodScheduled" && reason === "Unschedulable"))
        return stored.status ?? {};
      const condition = { type: "PodScheduled", status: "False", reason: "Unschedulable", message, lastTransitionTime };
      return { ...stored.status, conditions: [...conditions, condition] };
    });
  }
}
