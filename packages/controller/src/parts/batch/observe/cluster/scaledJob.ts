import { errorAt } from "@walras/kit";
import type { Resource, StoreItem } from "@walras/kube";

import type { ObjectRef } from "../../../../base/told/decision.ts";
import { defaultScaling, type Scaling } from "../../decide/scaling.ts";

/** What decides how many Jobs a ScaledJob is to have, and who asks for them. */
export interface ScaledJobState extends StoreItem {
  readonly scaling: Scaling;
  /** Of its spec. */
  readonly generation: number;
  /** Asks an external scaler: this one, or another. */
  readonly external: boolean;
  /** A trigger says how many runs there are to be in all. */
  readonly counted: boolean;
  /** What was recorded of its runs, as it was written; "" where nothing was. */
  readonly runs: string;
}

export const scaledJobResource: Resource = {
  apiVersion: "keda.sh/v1alpha1",
  kind: "ScaledJob",
  plural: "scaledjobs",
  namespaced: true,
};

export function scaledJobRef({ namespace, name, uid }: ScaledJobState): ObjectRef {
  const { apiVersion, kind } = scaledJobResource;
  return { apiVersion, kind, namespace, name, uid };
}

/** Where its runs are recorded. */
export const runsAnnotation = "walras.io/runs";

interface Trigger {
  readonly type?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

interface Strategy {
  readonly strategy?: string;
  readonly customScalingQueueLengthDeduction?: number;
  readonly customScalingRunningJobPercentage?: string;
  readonly pendingPodConditions?: readonly string[];
  readonly multipleScalersCalculation?: string;
}

interface ScaledJob {
  readonly metadata?: {
    readonly uid?: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly generation?: number;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: {
    readonly maxReplicaCount?: unknown;
    readonly minReplicaCount?: unknown;
    readonly scalingStrategy?: Strategy;
    readonly triggers?: readonly Trigger[];
  };
}

/** A ScaledJob trimmed. @throws FieldError where a count of it is none */
export function toScaledJob(raw: unknown): ScaledJobState {
  const { metadata = {}, spec = {} } = raw as ScaledJob;
  const { uid = "", namespace = "", name = "", generation = 0, annotations = {} } = metadata;
  const triggers = (spec.triggers ?? []).filter(({ type = "" }) => type === "external" || type === "external-push");
  const count = (key: "maxReplicaCount" | "minReplicaCount", otherwise: number): number => {
    const value = spec[key] ?? otherwise;
    if (typeof value === "number" && value >= 0) return value;
    throw errorAt(`scaledjob ${namespace}/${name}.spec.${key}`, value, "is not a count");
  };
  return {
    uid,
    namespace,
    name,
    generation,
    external: triggers.length > 0,
    counted: triggers.some((trigger) => trigger.metadata?.["completions"] !== undefined),
    runs: annotations[runsAnnotation] ?? "",
    scaling: {
      ...strategyOf(spec.scalingStrategy ?? {}),
      maxReplicas: count("maxReplicaCount", defaultScaling.maxReplicas),
      minReplicas: count("minReplicaCount", defaultScaling.minReplicas),
    },
  };
}

/** What KEDA does not know it takes for its default, and so it does with a percentage that is none. */
function strategyOf(given: Strategy): Omit<Scaling, "maxReplicas" | "minReplicas"> {
  const runningShare = shareOf(given.customScalingRunningJobPercentage);
  const strategy = strategies.find((one) => one === given.strategy) ?? defaultScaling.strategy;
  return {
    strategy: strategy === "custom" && runningShare === null ? "default" : strategy,
    deduction: given.customScalingQueueLengthDeduction ?? defaultScaling.deduction,
    runningShare: runningShare ?? defaultScaling.runningShare,
    combined: combinations.find((one) => one === given.multipleScalersCalculation) ?? defaultScaling.combined,
    pendingConditions: given.pendingPodConditions ?? defaultScaling.pendingConditions,
  };
}

const strategies = ["default", "custom", "accurate", "eager"] as const;
const combinations = ["max", "min", "avg", "sum"] as const;

/** @returns null: no number */
function shareOf(text = ""): number | null {
  const share = text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(share) ? share : null;
}
