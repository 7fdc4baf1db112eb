import { KubeError, type KubeTransport, mergePatch, resources } from "@walras/kube";

import type { PodState } from "../../../base/cluster/pod.ts";
import type { LivePod } from "./live.ts";
import { Obstacle, type Undo } from "./ports.ts";
import type { PlanWriter } from "./writer.ts";

/** KEP-2255: of pods that are ready alike, those of the least cost go first. */
const costAnnotation = "controller.kubernetes.io/pod-deletion-cost";

/** Holds what the cost was before and since when it is ours, so that whoever comes after us can take it back. */
const markAnnotation = "intents.walras.io/marked";

/** The least there is. */
const leastCost = "-2147483648";

/** What is known of a pod that was marked to go. */
export interface Mark {
  /** null: there was none. */
  readonly costBefore: string | null;
  readonly atMs: number;
}

/** null: it is not marked. Nobody else's value is believed to be ours. */
export function markOf(annotations: LivePod["annotations"]): Mark | null {
  const [, at, cost = ""] = /^(\d{1,15})(?:\/(-?\d{1,10}))?$/.exec(annotations[markAnnotation] ?? "") ?? [];
  return at === undefined ? null : { costBefore: cost === "" ? null : cost, atMs: Number(at) };
}

type PodName = Pick<PodState, "namespace" | "name" | "uid">;

/** Marks the pods that are to go when replicas are lowered. */
export class PodMarker {
  readonly #transport: KubeTransport;
  readonly #writer: PlanWriter;
  readonly #wallMs: () => number;

  constructor(transport: KubeTransport, writer: PlanWriter, wallMs: () => number) {
    this.#transport = transport;
    this.#writer = writer;
    this.#wallMs = wallMs;
  }

  /** @returns what takes the mark off @throws Obstacle where the pod is gone, KubeError */
  async mark({ state, annotations }: LivePod): Promise<Undo> {
    const costBefore = markOf(annotations)?.costBefore ?? annotations[costAnnotation] ?? null;
    const noted = `${this.#wallMs()}${costBefore === null ? "" : `/${costBefore}`}`;
    await this.#annotate(state, { [costAnnotation]: leastCost, [markAnnotation]: noted });
    return () => this.unmark(state, costBefore);
  }

  /** A pod that is gone needs no mark taken off. @throws KubeError */
  async unmark(pod: PodName, costBefore: string | null): Promise<void> {
    try {
      await this.#annotate(pod, { [costAnnotation]: costBefore, [markAnnotation]: null });
    } catch (error) {
      if (!(error instanceof Obstacle)) throw error;
    }
  }

  async #annotate({ namespace, name, uid }: PodName, annotations: Record<string, string | null>): Promise<void> {
    const target = { resource: resources.pod, name: { namespace, name } };
    await this.#writer.perform(`mark ${uid}`, () =>
      mergePatch(this.#transport, target, { metadata: { uid, annotations } }).catch(unlessGone(name)),
    );
  }
}

/** A successor of the same name is answered with 409 by its UID: to try that again is of no use. */
export function unlessGone(name: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof KubeError && (error.status === 404 || error.status === 409))
      throw new Obstacle("Outdated", `pod ${name} is not there any more`);
    throw error;
  };
}
