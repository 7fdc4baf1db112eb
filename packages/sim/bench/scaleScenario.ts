import { systemClock } from "@walras/kit";

import type { ApiServer } from "../src/apiserver/index.ts";
import { type Scenario, scenarioSchema } from "../src/scenario/index.ts";

export interface ScaleOptions {
  readonly nodes: number;
  readonly podsPerNode: number;
  /** Nothing steps before. */
  readonly settleSeconds: number;
  /** The steps are spread over so long. */
  readonly stepSeconds: number;
}

/** One pod in ten steps once, well over its limit. */
const steppingShare = 0.1;
const stepPrefix = "step";

/** Many steady pods, and some whose demand steps up at a time that their names tell. */
export function scaleScenario({ nodes, podsPerNode, settleSeconds, stepSeconds }: ScaleOptions): Scenario {
  const stepping = Math.round(nodes * podsPerNode * steppingShare);
  const labels = { "mbcas.io/managed": "true" };
  const resources = { requests: { cpu: "60m" }, limits: { cpu: "100m" } };
  const stepAt = (index: number): number =>
    Math.round(((settleSeconds * stepping + stepSeconds * index) * 1000) / stepping);
  const steppers = Array.from({ length: stepping }, (_, index) => ({
    name: `${stepPrefix}-${stepAt(index)}-${index}`,
    labels,
    containers: [
      {
        ...resources,
        load: { parallelism: 1, demand: { kind: "step", before: 0.03, after: 0.3, atSeconds: stepAt(index) / 1000 } },
      },
    ],
  }));
  const steady = {
    name: "steady",
    count: nodes * podsPerNode - stepping,
    labels,
    containers: [
      { ...resources, load: { demand: { kind: "noisy", amplitude: 0.2, of: { kind: "constant", cores: 0.06 } } } },
    ],
  };
  return scenarioSchema.parse({
    name: "scale",
    seed: 1,
    nodes: [{ name: "node", count: nodes, cores: 8 }],
    pods: [...steppers, steady],
  });
}

/** Notes when the resize that answers a step reaches the API server. */
export class StepWatch {
  readonly #startedMs: number;
  readonly #decidedAtMs = new Map<string, number>();
  readonly #steps = new Map<string, number>();

  /** @param startedMs when the cluster's time began, on the monotonic clock */
  constructor(api: ApiServer, startedMs: number) {
    this.#startedMs = startedMs;
    for (const { metadata } of api.store.all("pods")) {
      const [prefix, atMs] = (metadata.name ?? "").split("-");
      if (prefix === stepPrefix) this.#steps.set(metadata.name ?? "", Number(atMs));
    }
    api.admission.push(({ subresource, object }) => {
      if (subresource === "resize") this.#note(object.metadata.name ?? "");
    });
  }

  /** Milliseconds from each step to its resize. */
  result(): { delaysMs: number[]; undecided: number } {
    const delaysMs = [...this.#decidedAtMs.values()];
    return { delaysMs, undecided: this.#steps.size - delaysMs.length };
  }

  #note(pod: string): void {
    const stepMs = this.#steps.get(pod);
    const nowMs = systemClock.monotonicMs() - this.#startedMs;
    if (stepMs === undefined || nowMs < stepMs || this.#decidedAtMs.has(pod)) return;
    this.#decidedAtMs.set(pod, nowMs - stepMs);
  }
}
