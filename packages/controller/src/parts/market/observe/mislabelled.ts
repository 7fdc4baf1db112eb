import { managedLabel } from "@walras/api";
import { errorAt } from "@walras/kit";

import type { PodState } from "../../../base/cluster/pod.ts";
import { type ObjectRef, podRef } from "../../../base/told/decision.ts";
import { type ClusterView, labelOf } from "./view.ts";

/** An object whose label neither opts in nor out. */
export interface Mislabelled {
  readonly object: ObjectRef;
  readonly problem: string;
}

/** Who meant to say something by a label that says nothing: pods, and namespaces of pods that have no label of their own. */
export function mislabelled(pods: readonly PodState[], view: Pick<ClusterView, "namespace">): readonly Mislabelled[] {
  const wrong = pods.filter((pod) => !known.has(labelOf(pod, view)));
  const found = new Map(wrong.map((pod) => problemOf(pod, view)).map((one) => [one.object.uid, one]));
  return [...found.values()];
}

const known: ReadonlySet<string | undefined> = new Set([undefined, "true", "false"]);

function problemOf(pod: PodState, view: Pick<ClusterView, "namespace">): Mislabelled {
  const object = pod.managed === undefined ? namespaceRef(pod.namespace, view) : podRef(pod);
  const problem = 'is neither "true" nor "false", and counts as "false"';
  return { object, problem: errorAt(`label ${managedLabel}`, labelOf(pod, view), problem).message };
}

function namespaceRef(name: string, view: Pick<ClusterView, "namespace">): ObjectRef {
  return { apiVersion: "v1", kind: "Namespace", namespace: "", name, uid: view.namespace(name)?.uid ?? "" };
}
