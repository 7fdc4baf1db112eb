import type { Action } from "../decide/snapshot.ts";
import { cpuOf } from "../models/resources.ts";

/** Whether a plan adds something to a workload, and whether it takes something. Classes and profiles do neither. */
export function directionOf(
  plan: readonly Action[],
  resources: ReadonlyMap<string, number>,
): { readonly grows: boolean; readonly shrinks: boolean } {
  const { cpuMilli } = cpuOf(resources);
  const sizes = plan.flatMap(({ name, properties }) => (name === "scaleCPU" ? [Number(properties["value"])] : []));
  const has = (action: string): boolean => plan.some(({ name }) => name === action);
  return {
    grows: has("scaleOut") || sizes.some((milli) => milli > cpuMilli),
    shrinks: has("rmPod") || sizes.some((milli) => milli < cpuMilli),
  };
}
