import { describeError } from "@walras/kit";
import { KubeError, type KubeTransport, mergePatch, resizePod, resources } from "@walras/kube";

import type { PodState } from "../../../../base/cluster/pod.ts";
import type { LivePod } from "../live.ts";
import { unlessGone } from "../marks.ts";
import { Obstacle, type Undo } from "../ports.ts";
import type { PlanWriter } from "../writer.ts";
import { boundsFor, type CpuAmounts, inPlace, sizedContainer, sizeManager } from "./amounts.ts";

/** In-place resizing is not possible for this pod: the template is the other way. */
export class NotInPlace extends Error {
  override readonly name = "NotInPlace";
}

/** Sizes one pod: through the market where that sizes it, else by itself. */
export class PodSizer {
  readonly #transport: KubeTransport;
  readonly #writer: PlanWriter;

  constructor(transport: KubeTransport, writer: PlanWriter) {
    this.#transport = transport;
    this.#writer = writer;
  }

  /** Whether the market has been told the same before. */
  isTold({ state, annotations }: LivePod, amounts: CpuAmounts): boolean {
    return Object.entries(boundsFor(amounts, state)).every(([key, value]) => (annotations[key] ?? null) === value);
  }

  /** Bounds what the market gives the pod, which then resizes it. @throws Obstacle, KubeError */
  async bound({ state, annotations }: LivePod, amounts: CpuAmounts): Promise<Undo> {
    const bounds = boundsFor(amounts, state);
    const before = Object.fromEntries(Object.keys(bounds).map((key) => [key, annotations[key] ?? null]));
    await this.#annotate(state, bounds);
    return () => this.#annotate(state, before).catch(goneIsDone);
  }

  /** @throws Obstacle where somebody else has sized it, NotInPlace, KubeError */
  async resize({ state }: LivePod, amounts: CpuAmounts): Promise<Undo> {
    const foreign = state.foreignCpu.find(({ manager }) => manager !== sizeManager);
    if (foreign) throw new Obstacle("Conflict", `CPU of pod ${state.name} was set by ${foreign.manager}`);
    const before = sizedContainer(state)?.desired;
    const to = inPlace(amounts, state);
    if (to === null || before === undefined) throw new NotInPlace(`pod ${state.name} has no CPU request to resize`);
    await this.#resize(state, to);
    const back = { requestMilli: before.requestMilli ?? 0, limitMilli: before.limitMilli };
    return () => this.#resize(state, back).catch(goneIsDone);
  }

  async #resize(pod: PodState, to: CpuAmounts): Promise<void> {
    const name = sizedContainer(pod)?.name ?? "";
    await this.#writer.perform(`resize ${pod.uid}`, () =>
      resizePod(this.#transport, pod, [{ name, ...to }], sizeManager).catch((error: unknown) => {
        if (error instanceof KubeError && isNotInPlace(error)) throw new NotInPlace(describeError(error));
        return unlessGone(pod.name)(error);
      }),
    );
  }

  async #annotate({ namespace, name, uid }: PodState, annotations: Readonly<Record<string, string | null>>) {
    const target = { resource: resources.pod, name: { namespace, name } };
    await this.#writer.perform(`bounds ${uid}`, () =>
      mergePatch(this.#transport, target, { metadata: { uid, annotations } }).catch(unlessGone(name)),
    );
  }
}

/** The API server's rules forbid it for this pod, whenever it is asked. */
function isNotInPlace({ status, reason }: KubeError): boolean {
  return status === 422 || status === 400 || reason === "Invalid";
}

/** The pod has ended meanwhile: there is nothing to take back. */
function goneIsDone(error: unknown): void {
  if (!(error instanceof Obstacle)) throw error;
}
