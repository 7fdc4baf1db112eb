import { intentResource, type IntentStatus, kpiProfileResource } from "@walras/api";
import { type KubeTransport, mergePatch, type Resource } from "@walras/kube";

import type { Writes } from "../../../base/access/gate.ts";
import { writePriority } from "../../../base/access/priorities.ts";
import type { ObjectRef } from "../../../base/told/decision.ts";

/** What is to be written on a KPIProfile. */
export interface ProfileTold {
  readonly ref: ObjectRef;
  readonly resolved: boolean;
  readonly reason: string;
}

/** Writes the status of Intents and KPIProfiles. The UID is a precondition. */
export class StatusWriter {
  readonly #transport: KubeTransport;
  readonly #writes: Writes;

  constructor(transport: KubeTransport, writes: Writes) {
    this.#transport = transport;
    this.#writes = writes;
  }

  write(ref: ObjectRef, status: IntentStatus): void {
    this.#writes.enqueue({
      key: `intents status ${ref.uid}`,
      priority: writePriority.status,
      write: () => this.#patch(intentResource, ref, patchOf(status)),
    });
  }

  /** @throws KubeError, NotAllowed */
  record(ref: ObjectRef, status: IntentStatus): Promise<void> {
    return this.#writes.perform({
      key: `intents status ${ref.uid}`,
      priority: writePriority.actIntent,
      write: () => this.#patch(intentResource, ref, patchOf(status)),
    });
  }

  writeProfile({ ref, resolved, reason }: ProfileTold): void {
    this.#writes.enqueue({
      key: `intents profile ${ref.uid}`,
      priority: writePriority.status,
      write: () => this.#patch(kpiProfileResource, ref, { resolved, reason }),
    });
  }

  async #patch(resource: Resource, { namespace, name, uid }: ObjectRef, status: object): Promise<void> {
    const target = { resource, name: { namespace, name }, subresource: "status" };
    await mergePatch(this.#transport, target, { metadata: { uid }, status });
  }
}

/** A patch leaves what it does not name: what the plan before had and this one has not is taken away. */
function patchOf({ lastPlan, ...status }: IntentStatus): object {
  if (lastPlan === undefined) return status;
  const none = { predicted: null, rejected: null, seen: null, outcome: null, message: null };
  return { ...status, lastPlan: { ...none, ...lastPlan } };
}
