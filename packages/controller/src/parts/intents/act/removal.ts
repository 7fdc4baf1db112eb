import type { KubeTransport } from "@walras/kube";

import type { ObjectRef } from "../../../base/told/decision.ts";
import { allowedToGo } from "./budgets.ts";
import { kindsWithDeletionCost } from "./kinds.ts";
import type { LivePod, LiveReader } from "./live.ts";
import type { PodMarker } from "./marks.ts";
import { Obstacle, type Step } from "./ports.ts";
import type { ReplicaScaler } from "./replicas.ts";

/** What pods a plan removes, as it saw them. */
export interface Removal {
  readonly ref: ObjectRef;
  readonly replicas: number;
  readonly generation: number;
  readonly victims: readonly { readonly name: string; readonly uid: string }[];
  /** Told of pods that may not go now; the others do. */
  readonly refused: (reason: string) => void;
}

export interface RemovalParts {
  readonly transport: KubeTransport;
  readonly reader: LiveReader;
  readonly marker: PodMarker;
  readonly scaler: ReplicaScaler;
}

/** By which a Deployment's pods of one rollout are told from those of another. */
const hashLabel = "pod-template-hash";

/**
 * Removes pods by lowering replicas: those that are meant get the least
 * deletion cost before, so that the workload's controller takes exactly them.
 * It takes pods that are not ready before any others, and of two rollouts some
 * of each: so all others must be ready, and of one rollout.
 */
export function removalStep(removal: Removal, parts: RemovalParts): Step {
  return {
    actions: ["rmPod"],
    do: async (done) => {
      const { ref, replicas, generation } = removal;
      const going = await whoMayGo(removal, parts);
      if (kindsWithDeletionCost.has(ref.kind)) for (const pod of going) done(await parts.marker.mark(pod));
      done(await parts.scaler.scale(ref, { from: replicas, to: replicas - going.length, generation }));
    },
  };
}

async function whoMayGo(
  { ref, victims, refused }: Removal,
  { transport, reader }: RemovalParts,
): Promise<readonly LivePod[]> {
  const pods = (await reader.pods(await reader.read(ref))).filter(({ state }) => isThere(state));
  const meant = victims.map(({ name, uid }) => {
    const pod = pods.find(({ state }) => state.uid === uid);
    if (!pod) throw new Obstacle("Outdated", `pod ${name} is not there any more`);
    return pod;
  });
  checkOthers(pods.filter((pod) => !meant.includes(pod)));
  if (ref.kind === "Deployment") checkOneRollout(pods);
  const { pods: going, refusals } = await allowedToGo(transport, ref.namespace, meant);
  for (const reason of refusals) refused(reason);
  if (going.length === 0) throw new Obstacle("Refused", refusals.join("; "));
  return going;
}

function isThere({ phase, terminating }: LivePod["state"]): boolean {
  return !terminating && phase !== "Succeeded" && phase !== "Failed";
}

function checkOthers(others: readonly LivePod[]): void {
  const unready = others.find(({ state }) => !state.ready);
  if (unready) throw new Obstacle("Refused", `pod ${unready.state.name} is not ready, and would go first`);
}

function checkOneRollout(pods: readonly LivePod[]): void {
  if (new Set(pods.map(({ labels }) => labels[hashLabel] ?? "")).size > 1)
    throw new Obstacle("Refused", "a rollout is under way");
}
