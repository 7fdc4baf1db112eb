import { describeError, type Logger } from "@walras/kit";
import { resources, type Store, type StoreItem } from "@walras/kube";
import type { V1Pod } from "@kubernetes/client-node";

import type { Projection } from "../../../base/cluster/cluster.ts";
import { type Mark, markOf, type PodMarker } from "./marks.ts";

/** A pod that carries a mark of ours and is not going. */
export interface MarkedPod extends StoreItem {
  readonly mark: Mark;
}

export const markedPods: Projection<MarkedPod> = {
  resource: resources.pod,
  transform: (raw) => {
    const { metadata = {} } = raw as V1Pod;
    const mark = markOf(metadata.annotations ?? {});
    if (mark === null || metadata.deletionTimestamp !== undefined) return undefined;
    const { uid = "", namespace = "", name = "" } = metadata;
    return { uid, namespace, name, mark };
  },
};

/** By then the workload's controller has taken the pod, or it will not. */
const keptMs = 60_000;

/** Takes marks off that somebody has left behind who ended between marking pods and lowering replicas. */
export class Janitor {
  readonly #pods: Pick<Store<MarkedPod>, "values">;
  readonly #marker: PodMarker;
  readonly #logger: Logger;

  constructor(pods: Pick<Store<MarkedPod>, "values">, marker: PodMarker, logger: Logger) {
    this.#pods = pods;
    this.#marker = marker;
    this.#logger = logger;
  }

  async clean(nowMs: number): Promise<void> {
    const left = [...this.#pods.values()].filter(({ mark }) => nowMs - mark.atMs >= keptMs);
    for (const pod of left) {
      try {
        await this.#marker.unmark(pod, pod.mark.costBefore);
      } catch (error) {
        this.#logger.warn({ pod: pod.name, error: describeError(error) }, "mark not taken off");
      }
    }
  }
}
