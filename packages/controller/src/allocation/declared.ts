import { parseCpu } from "@walras/kit";

import type { AllocationState } from "../cluster/allocation.ts";
import type { PodState } from "../cluster/pod.ts";

/** What a container's owner declared before the market came. */
export interface Declared {
  readonly requestMilli: number;
  readonly limitMilli: number | null;
}

/**
 * The resources a pod was created with, by container: from its PodAllocation
 * once there is one for this very pod, since the spec then holds what the
 * market made of them.
 */
export function declaredResources(
  pod: PodState,
  allocation: AllocationState | undefined,
): ReadonlyMap<string, Declared> {
  const recorded = new Map(
    (allocation?.spec.podUID === pod.uid ? (allocation.spec.containers ?? []) : []).map((one) => [one.name, one]),
  );
  return new Map(
    pod.containers.map(({ name, desired }): [string, Declared] => {
      const record = recorded.get(name);
      if (!record) return [name, { requestMilli: desired.requestMilli ?? 0, limitMilli: desired.limitMilli }];
      return [
        name,
        {
          requestMilli: parseCpu(record.declaredCPURequest, `${pod.name}.declaredCPURequest`),
          limitMilli:
            record.declaredCPULimit === undefined
              ? null
              : parseCpu(record.declaredCPULimit, `${pod.name}.declaredCPULimit`),
        },
      ];
    }),
  );
}
