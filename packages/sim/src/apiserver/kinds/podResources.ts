import { asMap, asText, type JsonMap, type KubeObject, mapsOf } from "../objects/model.ts";
import { quantityOf } from "../objects/quantity.ts";

/** Amounts by resource name: cpu in cores, memory in bytes. */
export type Amounts = ReadonlyMap<string, number>;

/** Which side of a container's resources. */
export type Side = "requests" | "limits";

export function containersOf(pod: KubeObject): readonly JsonMap[] {
  return mapsOf(pod.spec?.["containers"]);
}

export function initContainersOf(pod: KubeObject): readonly JsonMap[] {
  return mapsOf(pod.spec?.["initContainers"]);
}

/** A sidecar is an init container that is kept running. */
export function isSidecar(container: JsonMap): boolean {
  return container["restartPolicy"] === "Always";
}

/** One side of a container's resources. */
export function amountsOf(container: JsonMap, side: Side): Amounts {
  const amounts = new Map<string, number>();
  for (const [name, value] of Object.entries(asMap(asMap(container["resources"])[side]))) {
    const amount = quantityOf(value, `resources.${side}.${name}`);
    if (amount !== undefined) amounts.set(name, amount);
  }
  return amounts;
}

/**
 * What the pod counts for: the sum of its containers and sidecars, or the
 * largest init container where that is more, as the scheduler counts.
 *
 * @param withStatus also counts what the kubelet still holds while a resize is under way
 */
export function podTotals(pod: KubeObject, side: Side, withStatus = false): Amounts {
  const held = withStatus ? heldAmounts(pod, side) : noHoldings;
  const sidecars = initContainersOf(pod).filter(isSidecar);
  const running = [...containersOf(pod), ...sidecars].map((container) =>
    larger(amountsOf(container, side), held.get(asText(container["name"]))),
  );
  const sum = running.reduce<Amounts>(plus, new Map());
  const starting = initContainersOf(pod).filter((container) => !isSidecar(container));
  const most = starting.reduce<Amounts>((top, container) => larger(top, amountsOf(container, side)), sum);
  // What is asked for the pod as a whole stands in for its containers (KEP-2837).
  const whole = larger(most, amountsOf(pod.spec ?? {}, side));
  return plus(whole, side === "requests" ? overheadOf(pod) : new Map());
}

const noHoldings: ReadonlyMap<string, Amounts> = new Map();

function heldAmounts(pod: KubeObject, side: Side): ReadonlyMap<string, Amounts> {
  if (infeasible(pod)) return noHoldings;
  return new Map(
    [...mapsOf(pod.status?.["containerStatuses"]), ...mapsOf(pod.status?.["initContainerStatuses"])].map((status) => {
      const allocated = side === "requests" ? { resources: { requests: status["allocatedResources"] } } : {};
      return [asText(status["name"]), larger(amountsOf(status, side), amountsOf(allocated, side))];
    }),
  );
}

function infeasible(pod: KubeObject): boolean {
  return mapsOf(pod.status?.["conditions"]).some(
    (condition) => condition["type"] === "PodResizePending" && condition["reason"] === "Infeasible",
  );
}

function overheadOf(pod: KubeObject): Amounts {
  return amountsOf({ resources: { requests: pod.spec?.["overhead"] } }, "requests");
}

function plus(left: Amounts, right: Amounts): Amounts {
  return combine(left, right, (one, other) => one + other);
}

function larger(left: Amounts, right: Amounts | undefined): Amounts {
  return right ? combine(left, right, Math.max) : left;
}

function combine(left: Amounts, right: Amounts, both: (one: number, other: number) => number): Amounts {
  const result = new Map(left);
  for (const [name, amount] of right) result.set(name, both(result.get(name) ?? 0, amount));
  return result;
}
