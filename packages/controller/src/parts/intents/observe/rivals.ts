import { actsOn } from "../../../base/cluster/vertical.ts";
import { workloadKey } from "../../../base/cluster/workload.ts";
import type { Rival } from "../loop/ports.ts";
import type { TargetObject } from "./objects/target.ts";
import type { IntentStores } from "./stores.ts";

/**
 * Who else decides about a workload.
 *
 * @param container that is sized
 */
export function rivalsOf(
  { namespace, ref, makes }: TargetObject,
  container: string,
  { scalers, scaledObjects, verticals }: Pick<IntentStores, "scalers" | "scaledObjects" | "verticals">,
): Rival[] {
  // Who sizes a Deployment sizes the pods of its ReplicaSets.
  const keys = new Set([workloadKey(namespace, ref), workloadKey(namespace, makes)]);
  const rivals = [...keys].flatMap((key): Rival[] => [
    ...[...scaledObjects.group(key), ...scalers.group(key)].map(({ kind, name }): Rival => ({
      kind,
      name: `${namespace}/${name}`,
      of: "replicas",
    })),
    ...verticals
      .group(key)
      .filter((vertical) => actsOn(vertical, container))
      .map(({ name }): Rival => ({ kind: "VerticalPodAutoscaler", name: `${namespace}/${name}`, of: "cpu" })),
  ]);
  return rivals.toSorted((one, other) => (`${one.kind} ${one.name}` < `${other.kind} ${other.name}` ? -1 : 1));
}
