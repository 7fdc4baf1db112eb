import type { ContainerState } from "../../../base/cluster/pod.ts";
import { aContainerState } from "../../../base/cluster/testing.ts";
import type { ResizePolicy } from "./plan.ts";

/** How small is too small, in round numbers, for tests. */
export const aResizePolicy: ResizePolicy = {
  minMilli: 10,
  granuleMilli: 10,
  leastStepMilli: 20,
  raiseDeadband: 0.02,
  rationDeadband: 0.1,
  requestDeadband: 0.2,
  cutDeadband: 0.1,
  cutCooldownMs: 5_000,
  deferredPatienceMs: 10_000,
};

/** A container that desires this much CPU and has it, for tests. */
export function sized(
  requestMilli: number,
  limitMilli: number | null,
  part: Partial<ContainerState> = {},
): ContainerState {
  return aContainerState({ desired: { requestMilli, limitMilli }, ...part });
}
