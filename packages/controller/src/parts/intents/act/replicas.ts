import { type KubeTransport, mergePatch } from "@walras/kube";

import type { ObjectRef } from "../../../base/told/decision.ts";
import { goneIsAnObstacle, type Live, type LiveReader, meantFor } from "./live.ts";
import { Obstacle, type Undo } from "./ports.ts";
import type { PlanWriter } from "./writer.ts";

/** From how many replicas to how many. */
export interface ReplicaChange {
  readonly from: number;
  readonly to: number;
  /** Of the workload that is meant; null: whichever, if only its replicas are as they were. */
  readonly generation: number | null;
}

/** Changes replicas through the scale subresource, of any kind that has one. */
export class ReplicaScaler {
  readonly #transport: KubeTransport;
  readonly #reader: LiveReader;
  readonly #writer: PlanWriter;

  constructor(transport: KubeTransport, reader: LiveReader, writer: PlanWriter) {
    this.#transport = transport;
    this.#reader = reader;
    this.#writer = writer;
  }

  /**
   * What is read and what is written are the same version of the workload, so
   * that nobody's change is overwritten. A workload that has the replicas
   * already is left: a call before this one was not answered.
   *
   * @returns what takes it back, unless somebody has changed the replicas since
   * @throws Obstacle, KubeError
   */
  async scale(ref: ObjectRef, change: ReplicaChange): Promise<Undo> {
    await this.#writer.perform(`scale ${ref.uid}`, () => this.#scale(ref, change));
    const back: ReplicaChange = { from: change.to, to: change.from, generation: null };
    return async () => {
      await this.#writer.perform(`scale ${ref.uid}`, () => this.#scale(ref, back));
    };
  }

  async #scale(ref: ObjectRef, { from, to, generation }: ReplicaChange): Promise<void> {
    const live = await this.#reader.read(ref);
    if (live.replicas === to) return;
    if (live.replicas !== from) throw new Obstacle("Outdated", `has ${live.replicas} replicas by now, not ${from}`);
    if (generation !== null && live.generation !== generation)
      throw new Obstacle("Outdated", `was changed: generation ${live.generation}, not ${generation}`);
    await this.#patch(live, to);
  }

  async #patch(live: Live, replicas: number): Promise<void> {
    const { resource, namespace, name } = live;
    const target = { resource, name: { namespace, name }, subresource: "scale" };
    const patched = mergePatch(this.#transport, target, meantFor(live, { spec: { replicas } }));
    await goneIsAnObstacle(patched, { kind: resource.kind, name });
  }
}
