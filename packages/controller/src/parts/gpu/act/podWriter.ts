import { type KubeTransport, mergePatch, microTime, objectPath, resources } from "@walras/kube";

import type { Writes } from "../../../base/access/gate.ts";
import { writePriority } from "../../../base/access/priorities.ts";
import { podKey, type SchedPod } from "../decide/schedule/pod.ts";
import { gpuAnnotations } from "../observe/cluster/names.ts";

export interface PodWriterOptions {
  readonly transport: KubeTransport;
  readonly writes: Pick<Writes, "enqueue">;
  readonly wallMs: () => number;
}

/** Writes on pods that get no place. */
export class PodWriter {
  readonly #options: PodWriterOptions;

  constructor(options: PodWriterOptions) {
    this.#options = options;
  }

  /** Its condition says why, as kube-scheduler writes it; nothing is written where it says so already. */
  explain(pod: SchedPod, message: string): void {
    if (pod.unscheduled === message) return;
    const { transport, writes, wallMs } = this.#options;
    const { namespace, name, uid } = pod;
    const changed = pod.unscheduled === "" ? { lastTransitionTime: `${microTime(wallMs()).slice(0, 19)}Z` } : {};
    const condition = { type: "PodScheduled", status: "False", reason: "Unschedulable", message, ...changed };
    writes.enqueue({
      key: `gpu condition ${podKey(pod)}`,
      priority: writePriority.status,
      write: async () => {
        await transport.send({
          method: "PATCH",
          path: objectPath(resources.pod, { namespace, name }, "status"),
          contentType: "application/strategic-merge-patch+json",
          body: { metadata: { uid }, status: { conditions: [condition] } },
          unread: true,
        });
      },
    });
  }

  /** What it claims and does not get is free for others; a binding for the pod as it was is refused from then on. */
  withdraw(pod: SchedPod): void {
    const { transport, writes } = this.#options;
    const { namespace, name, uid } = pod;
    const annotations = { [gpuAnnotations.devices]: null, [gpuAnnotations.enforcedBy]: null };
    writes.enqueue({
      key: `gpu claim ${podKey(pod)}`,
      priority: writePriority.bind,
      write: async () => {
        const patch = { metadata: { uid, annotations } };
        await mergePatch(transport, { resource: resources.pod, name: { namespace, name } }, patch);
      },
    });
  }
}
