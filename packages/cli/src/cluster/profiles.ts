import { workloadProfileResource, type WorkloadProfileSpec } from "@walras/api";
import { workloadOf } from "@walras/controller/market";
import { parseCpu } from "@walras/kit";
import type { KubeTransport } from "@walras/kube";

import type { Metadata, Pod } from "./objects.ts";
import { ifAllowed, listOf } from "./read.ts";

/** What a workload is known to need. */
interface Habit {
  readonly requestMilli: number;
  /** How far it counts, as against what was declared: 0 to 100. */
  readonly trustPercent: number;
}

/** The habit of a pod's workload; undefined: none is known. */
export type Habits = (pod: Pod) => Habit | undefined;

interface Profile {
  readonly metadata: Metadata;
  readonly spec: WorkloadProfileSpec;
}

/** @returns null where WorkloadProfiles may not be read, or are not installed @throws KubeError, FieldError */
export async function habitsOf(transport: KubeTransport, namespace?: string): Promise<Habits | null> {
  const profiles = await ifAllowed(() => listOf<Profile>(transport, workloadProfileResource, { namespace }));
  if (profiles === null) return null;
  const byWorkload = new Map(profiles.map(({ metadata, spec }) => [keyOf(metadata.namespace, spec.workload), spec]));
  return ({ metadata }) => {
    const workload = workloadOf({ metadata } as unknown as Parameters<typeof workloadOf>[0]);
    const spec = workload && byWorkload.get(keyOf(metadata.namespace, workload));
    if (!spec) return undefined;
    const field = `workloadprofile of ${spec.workload.kind} ${spec.workload.name}.spec.habitCPURequest`;
    return { requestMilli: parseCpu(spec.habitCPURequest, field), trustPercent: spec.trustPercent };
  };
}

function keyOf(namespace = "", { kind, name }: WorkloadProfileSpec["workload"]): string {
  return `${namespace}/${kind}/${name}`;
}
