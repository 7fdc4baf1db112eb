import type { DashboardPod, PodContainer, PodDecision } from "@walras/api";

import { dashboardLimits } from "../../../../base/dashboard/limits.ts";
import type { PodState } from "../../../../base/cluster/pod.ts";
import type { Entry } from "../../../../base/history/history.ts";
import { targetsOf } from "../../decide/byPod.ts";
import type { Target } from "../../decide/snapshot.ts";
import type { PodOutcome } from "../result.ts";
import { limitOf } from "../sums.ts";
import { ghostOf } from "./ghost.ts";
import { bindingOf } from "./nodeMarket.ts";
import { containerUse, podUse } from "./podUse.ts";
import { recommendationOf } from "./recommendation.ts";
import type { PodSamples, Sample } from "./samples.ts";
import type { MarketSight } from "./sight.ts";
import { pricePerCore } from "./price.ts";

/** A pod's time line. @returns null: there is no such pod */
export async function podTimeline(
  { namespace, name }: { readonly namespace: string; readonly name: string },
  sight: MarketSight,
  samples: PodSamples,
): Promise<DashboardPod | null> {
  const pod = sight.cluster.pods.named(namespace, name);
  if (!pod) return null;
  samples.lookAt(pod.uid);
  const told = await sight.history.query({ kind: "Pod", namespace, name, limit: dashboardLimits.podDecisions });
  const result = sight.resultOf(pod.node);
  const outcome = result?.outcomes.find(({ managed }) => managed.pod.uid === pod.uid);
  const targets = result ? targetsOf(result.decision, pod.uid) : [];
  const points = samples.points(pod.uid);
  return {
    namespace,
    name,
    uid: pod.uid,
    node: pod.node,
    workload: pod.workload && `${pod.workload.kind}/${pod.workload.name}`,
    mode: outcome?.managed.mode ?? "off",
    binding: outcome?.managed.leftAlone ? "LeftAlone" : bindingOf(targets),
    standing: standingOf(outcome),
    containers: pod.containers.map((container) => containerOf(container, { outcome, targets }, sight)),
    recordedSinceMs: samples.sinceMs(pod.uid),
    points,
    decisions: told.filter(({ object }) => object.uid === pod.uid).map(decisionOf),
    ghost: ghostOf(points, declaredLimitOf(pod, outcome)),
    recommendation: recommendationOf(pod, targets),
  };
}

/** One look at a pod. @returns null: it is gone */
export function sampleOf(uid: string, sight: MarketSight): Sample | null {
  const pod = sight.cluster.pods.get(uid);
  if (!pod) return null;
  const { usedMilli, throttledMilli } = podUse(pod, sight);
  const enforced = pod.containers.map(({ actual, desired }) => actual ?? desired);
  const price = sight.resultOf(pod.node)?.decision.limitPrice ?? null;
  return {
    used: usedMilli,
    throttled: throttledMilli,
    limit: limitOf(enforced.map(({ limitMilli }) => limitMilli)),
    request: enforced.reduce((sum, { requestMilli }) => sum + (requestMilli ?? 0), 0),
    price: price === null ? null : pricePerCore(price),
  };
}

function standingOf(outcome: PodOutcome | undefined): string {
  if (!outcome) return "not on the market";
  return outcome.managed.leftAlone?.reason ?? outcome.verdict.kind;
}

/** null where some container has none: the pod as a whole was not stopped then. */
function declaredLimitOf({ containers }: PodState, outcome: PodOutcome | undefined): number | null {
  const limits = containers.map(({ name, desired }) => {
    const declared = outcome?.managed.declared.get(name);
    return declared ? declared.limitMilli : desired.limitMilli;
  });
  return limits.includes(null) ? null : limitOf(limits);
}

function containerOf(
  { name, containerId, desired }: PodState["containers"][number],
  { outcome, targets }: { readonly outcome: PodOutcome | undefined; readonly targets: readonly Target[] },
  sight: MarketSight,
): PodContainer {
  const declared = outcome?.managed.declared.get(name);
  const target = targets.find(({ container }) => container === name);
  return {
    name,
    requestMilli: desired.requestMilli,
    limitMilli: desired.limitMilli,
    declaredRequestMilli: declared?.requestMilli ?? null,
    declaredLimitMilli: declared?.limitMilli ?? null,
    recommendedRequestMilli: target?.requestMilli ?? null,
    recommendedLimitMilli: target?.limitMilli ?? null,
    ...containerUse(containerId, sight),
  };
}

function decisionOf({ id, at, part, verdict, reason, numbers }: Entry): PodDecision {
  const amounts = (prefix: "from" | "to"): PodDecision["from"] => {
    const requestMilli = numbers[`${prefix}RequestMilli`];
    if (requestMilli === undefined) return null;
    return { requestMilli, limitMilli: numbers[`${prefix}LimitMilli`] ?? null };
  };
  return { id, atMs: at, part, cause: verdict, reason, from: amounts("from"), to: amounts("to") };
}
