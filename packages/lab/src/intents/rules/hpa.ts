import type { Replica } from "../service/replica.ts";
import type { Service } from "../service/service.ts";
import { scrapeMs, type Telemetry } from "../service/telemetry.ts";
import { Behaviour, type BehaviourOptions } from "./behaviour.ts";
import { type HpaPod, wantedReplicas } from "./replicaCount.ts";
import type { Rule } from "./rule.ts";

/** `--horizontal-pod-autoscaler-sync-period` and `-cpu-initialization-period`, by default. */
const syncMs = 15_000;
const initialisationMs = 300_000;

export interface HpaOptions extends BehaviourOptions {
  /** `target.averageUtilization`. */
  readonly targetPercent: number;
}

/** Kubernetes' horizontal autoscaler on CPU. */
export class Hpa implements Rule {
  readonly everyMs = syncMs;
  readonly #options: HpaOptions;
  readonly #behaviour: Behaviour;

  constructor(options: HpaOptions) {
    this.#options = options;
    this.#behaviour = new Behaviour(options);
  }

  step(service: Service, telemetry: Telemetry): void {
    const { nowMs, replicas } = service;
    const pods = replicas.map((replica) => podOf(replica, telemetry, nowMs));
    const wanted = wantedReplicas(pods, this.#options.targetPercent, replicas.length);
    service.scale(this.#behaviour.normalised(wanted, replicas.length, nowMs));
  }
}

/** While a pod is young its metrics count only when all of their window is after it was ready. */
function podOf({ name, milli, readyAtMs, runsAtMs, createdMs }: Replica, { usage }: Telemetry, nowMs: number): HpaPod {
  const used = usage.get(name);
  const isYoung = createdMs + initialisationMs > nowMs;
  const isEarly = used !== undefined && (readyAtMs > nowMs || used.atMs < readyAtMs + scrapeMs);
  return {
    requestMilli: milli,
    usedMilli: used?.usedMilli ?? null,
    unready: runsAtMs > nowMs || (isYoung && isEarly),
  };
}
