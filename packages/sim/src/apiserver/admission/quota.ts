import { asList, asMap, asText, type JsonMap, type KubeObject, mapsOf } from "../objects/model.ts";
import { formatQuantity, quantityOf } from "../objects/quantity.ts";
import { sameJson } from "../objects/equality.ts";
import { type Amounts, amountsOf, containersOf, initContainersOf, podTotals } from "../kinds/podResources.ts";
import { qosClassOf } from "../kinds/qos.ts";
import { pluralTarget } from "../resources.ts";
import { forbidden } from "../status.ts";
import type { Store } from "../store.ts";
import { type AdmissionReview, concernsPodResources } from "./review.ts";

const tolerance = 1e-9;
const computeResources: Readonly<Record<string, readonly ["requests" | "limits", string]>> = {
  cpu: ["requests", "cpu"],
  memory: ["requests", "memory"],
  "requests.cpu": ["requests", "cpu"],
  "requests.memory": ["requests", "memory"],
  "limits.cpu": ["limits", "cpu"],
  "limits.memory": ["limits", "memory"],
};

/** What is counted here; other quotas are kept, and neither enforced nor reported as used. */
const counted: ReadonlySet<string> = new Set([...Object.keys(computeResources), "pods", "count/pods"]);

/**
 * ResourceQuota for pods: creation and resize may not take the namespace over
 * its quota, and compute quotas require the amounts to be given.
 *
 * @throws ApiFailure 403 for the first quota that refuses
 */
export function admitQuota(review: AdmissionReview): void {
  if (!concernsPodResources(review)) return;
  const { type, object, old, store } = review;
  for (const quota of quotasOf(store, object.metadata.namespace ?? "")) {
    if (!inScope(quota, object)) continue;
    const complaint = (old ? undefined : missing(quota, object)) ?? exceeded(quota, review);
    if (complaint) throw forbidden(pluralTarget(type, object.metadata.name), complaint);
  }
}

function quotasOf(store: Store, namespace: string): readonly KubeObject[] {
  if (store.count("resourcequotas") === 0) return [];
  return [...store.all("resourcequotas")].filter(({ metadata }) => metadata.namespace === namespace);
}

function hardOf(quota: KubeObject): JsonMap {
  return asMap(quota.spec?.["hard"]);
}

/** The scopes NotBestEffort, BestEffort, Terminating, NotTerminating and, by selector, PriorityClass. */
function inScope(quota: KubeObject, pod: KubeObject): boolean {
  const selected = mapsOf(asMap(quota.spec?.["scopeSelector"])["matchExpressions"]);
  return (
    asList(quota.spec?.["scopes"]).every((scope) => inNamedScope(scope, pod)) &&
    selected.every((one) =>
      one["scopeName"] === "PriorityClass" ? hasPriorityClass(one, pod) : inNamedScope(one["scopeName"], pod),
    )
  );
}

function inNamedScope(scope: unknown, pod: KubeObject): boolean {
  const bestEffort = qosClassOf(pod) === "BestEffort";
  const terminating = pod.spec?.["activeDeadlineSeconds"] !== undefined;
  if (scope === "BestEffort" || scope === "NotBestEffort") return bestEffort === (scope === "BestEffort");
  return terminating === (scope === "Terminating");
}

function hasPriorityClass(expression: JsonMap, pod: KubeObject): boolean {
  const priorityClass = asText(pod.spec?.["priorityClassName"]);
  const { operator } = expression;
  if (operator === "In" || operator === "NotIn")
    return asList(expression["values"]).includes(priorityClass) === (operator === "In");
  return (priorityClass !== "") === (operator === "Exists");
}

function missing(quota: KubeObject, pod: KubeObject): string | undefined {
  const lacking = Object.keys(hardOf(quota))
    .toSorted()
    .flatMap((name) => {
      const source = computeResources[name];
      if (!source) return [];
      const [side, resource] = source;
      const names = [...initContainersOf(pod), ...containersOf(pod)]
        .filter((container) => !amountsOf(container, side).has(resource))
        .map((container) => asText(container["name"]));
      return names.length > 0 ? [`${name} for: ${names.join(",")}`] : [];
    });
  return lacking.length > 0 ? `failed quota: ${quota.metadata.name}: must specify ${lacking.join("; ")}` : undefined;
}

function exceeded(quota: KubeObject, { object, old, store }: AdmissionReview): string | undefined {
  const hard = hardOf(quota);
  const [after, before] = [usageOf(object), old ? usageOf(old) : new Map<string, number>()];
  const used = usedBy(store, quota);
  const over = Object.keys(hard)
    .toSorted()
    .map((name) => ({
      name,
      delta: (after.get(name) ?? 0) - (before.get(name) ?? 0),
      used: used.get(name) ?? 0,
      most: quantityOf(hard[name], `spec.hard[${name}]`) ?? Infinity,
    }))
    .filter(({ delta, used: now, most }) => delta > tolerance && now + delta > most + tolerance);
  if (over.length === 0) return undefined;
  const list = (value: (entry: (typeof over)[number]) => string): string =>
    over.map((entry) => `${entry.name}=${value(entry)}`).join(",");
  const requested = list(({ delta }) => formatQuantity(delta));
  const now = list((entry) => formatQuantity(entry.used));
  return `exceeded quota: ${quota.metadata.name}, requested: ${requested}, used: ${now}, limited: ${list(({ name }) => String(hard[name]))}`;
}

function usageOf(pod: KubeObject): Amounts {
  const usage = new Map<string, number>([
    ["pods", 1],
    ["count/pods", 1],
  ]);
  const totals = { requests: podTotals(pod, "requests", true), limits: podTotals(pod, "limits", true) };
  for (const [name, [side, resource]] of Object.entries(computeResources))
    usage.set(name, totals[side].get(resource) ?? 0);
  return usage;
}

/** What the namespace's pods use of a quota, by resource name. */
function usedBy(store: Store, quota: KubeObject): Amounts {
  const sums = new Map<string, number>();
  for (const name of Object.keys(hardOf(quota))) if (counted.has(name)) sums.set(name, 0);
  for (const pod of store.all("pods")) {
    if (pod.metadata.namespace !== quota.metadata.namespace || isOver(pod) || !inScope(quota, pod)) continue;
    const usage = usageOf(pod);
    for (const [name, sum] of sums) sums.set(name, sum + (usage.get(name) ?? 0));
  }
  return sums;
}

function isOver(pod: KubeObject): boolean {
  const phase = pod.status?.["phase"];
  return phase === "Succeeded" || phase === "Failed";
}

/** Writes status.hard and status.used of the namespace's quotas, as the quota controller does. */
export function refreshQuotas(store: Store, namespace: string): void {
  for (const quota of quotasOf(store, namespace)) {
    const used = Object.fromEntries([...usedBy(store, quota)].map(([name, sum]) => [name, formatQuantity(sum)]));
    const status = { hard: hardOf(quota), used };
    if (!sameJson(status, quota.status)) store.put("resourcequotas", { ...quota, status });
  }
}
