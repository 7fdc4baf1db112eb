import type { Resource, StoreItem } from "@walras/kube";

import type { Projection } from "./cluster.ts";
import { type Workload, workloadKey } from "./workload.ts";

/** A VerticalPodAutoscaler that changes pods while they run, in place or by evicting them. */
export interface VerticalState extends StoreItem {
  readonly target: Workload;
  readonly mode: string;
  /** Whether it sets CPU, by container; "*": those that are not named. */
  readonly setsCpu: Readonly<Record<string, boolean>>;
}

const verticalResource: Resource = {
  apiVersion: "autoscaling.k8s.io/v1",
  kind: "VerticalPodAutoscaler",
  plural: "verticalpodautoscalers",
  namespaced: true,
};

interface ContainerPolicy {
  readonly containerName?: string;
  readonly mode?: string;
  readonly controlledResources?: readonly string[];
}

interface VerticalPodAutoscaler {
  readonly metadata?: { readonly uid?: string; readonly namespace?: string; readonly name?: string };
  readonly spec?: {
    readonly targetRef?: Partial<Workload>;
    readonly updatePolicy?: { readonly updateMode?: string };
    readonly resourcePolicy?: { readonly containerPolicies?: readonly ContainerPolicy[] };
  };
}

/** Off only advises, and Initial acts before a pod is there; every other mode, also one yet to come, acts on pods. */
const withoutConflict: ReadonlySet<string> = new Set(["Off", "Initial"]);

/** undefined: it leaves running pods alone. */
export function toVerticalState(raw: unknown): VerticalState | undefined {
  return verticalState(raw, (mode) => !withoutConflict.has(mode));
}

/** One that sizes pods when they are created. undefined: it leaves new pods alone. */
function toVerticalAtCreation(raw: unknown): VerticalState | undefined {
  return verticalState(raw, (mode) => mode !== "Off");
}

function verticalState(raw: unknown, acts: (mode: string) => boolean): VerticalState | undefined {
  const { metadata, spec } = raw as VerticalPodAutoscaler;
  const mode = spec?.updatePolicy?.updateMode ?? "Auto";
  const { kind, name } = spec?.targetRef ?? {};
  if (!kind || !name || !acts(mode)) return undefined;
  const policies = spec?.resourcePolicy?.containerPolicies ?? [];
  return {
    uid: metadata?.uid ?? "",
    namespace: metadata?.namespace ?? "",
    name: metadata?.name ?? "",
    target: { kind, name },
    mode,
    setsCpu: Object.fromEntries(policies.map((policy) => [policy.containerName ?? "*", setsCpu(policy)])),
  };
}

function setsCpu({ mode, controlledResources }: ContainerPolicy): boolean {
  return mode !== "Off" && (controlledResources?.includes("cpu") ?? true);
}

/** Whether it sets this container's CPU: by its own policy, else by that of all others. */
export function actsOn({ setsCpu: policies }: VerticalState, container: string): boolean {
  return policies[container] ?? policies["*"] ?? true;
}

/** By their target: see workloadKey. */
export const verticalProjection: Projection<VerticalState> = {
  resource: verticalResource,
  transform: toVerticalState,
  groupOf: ({ namespace, target }) => workloadKey(namespace, target),
};

export const verticalAtCreationProjection: Projection<VerticalState> = {
  ...verticalProjection,
  transform: toVerticalAtCreation,
};
