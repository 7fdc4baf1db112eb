import type { JsonMap, KubeObject } from "../objects/model.ts";
import { amountsOf, containersOf, initContainersOf, type Side } from "./podResources.ts";

/** status.qosClass */
export type QosClass = "Guaranteed" | "Burstable" | "BestEffort";

/** The QoS class by ComputePodQOS of k8s.io/kubernetes/pkg/apis/core/v1/helper/qos. */
export function qosClassOf(pod: KubeObject): QosClass {
  // What is asked for the pod as a whole decides alone, where there is any (KEP-2837).
  const whole = pod.spec?.["resources"] === undefined ? undefined : pod.spec;
  const containers = whole ? [whole] : [...containersOf(pod), ...initContainersOf(pod)];
  const requests = totals(containers, "requests");
  const limits = totals(containers, "limits");
  if (requests.size === 0 && limits.size === 0) return "BestEffort";
  const limited = containers.every((container) => {
    const own = positive(container, "limits");
    return own.has("cpu") && own.has("memory");
  });
  const equal =
    requests.size === limits.size && [...requests].every(([name, amount]) => same(limits.get(name), amount));
  return limited && equal ? "Guaranteed" : "Burstable";
}

function totals(containers: readonly JsonMap[], side: Side): Map<string, number> {
  const sums = new Map<string, number>();
  for (const container of containers) {
    for (const [name, amount] of positive(container, side)) sums.set(name, (sums.get(name) ?? 0) + amount);
  }
  return sums;
}

function positive(container: JsonMap, side: Side): Map<string, number> {
  const counted = [...amountsOf(container, side)].filter(
    ([name, amount]) => (name === "cpu" || name === "memory") && amount > 0,
  );
  return new Map(counted);
}

function same(left: number | undefined, right: number): boolean {
  return left !== undefined && Math.abs(left - right) < 1e-9;
}
