import { asMap, asText, type JsonMap, type KubeObject, mapsOf } from "../objects/model.ts";
import { type Amounts, amountsOf, containersOf, initContainersOf, podTotals } from "../kinds/podResources.ts";
import { pluralTarget } from "../resources.ts";
import { forbidden } from "../status.ts";
import type { Store } from "../store.ts";
import { type AdmissionReview, concernsPodResources } from "./review.ts";

const tolerance = 1e-9;

function limitsOf(store: Store, namespace: string): readonly JsonMap[] {
  if (store.count("limitranges") === 0) return [];
  const own = [...store.all("limitranges")].filter(({ metadata }) => metadata.namespace === namespace);
  return own.flatMap((range) => mapsOf(range.spec?.["limits"]));
}

/** LimitRanger's first half: containers of a new pod get the range's defaults. */
export function defaultLimits({ operation, type, object, store }: AdmissionReview): KubeObject | undefined {
  if (type.collection !== "pods" || operation !== "CREATE") return undefined;
  const limits = limitsOf(store, object.metadata.namespace ?? "").filter((limit) => limit["type"] === "Container");
  if (limits.length === 0) return undefined;
  const spec: Record<string, unknown> = {
    ...object.spec,
    containers: containersOf(object).map((container) => limits.reduce(withDefaults, container)),
  };
  const init = initContainersOf(object);
  if (init.length > 0) spec["initContainers"] = init.map((container) => limits.reduce(withDefaults, container));
  return { ...object, spec };
}

function withDefaults(container: JsonMap, limit: JsonMap): JsonMap {
  const resources = asMap(container["resources"]);
  const limits = { ...asMap(limit["default"]), ...asMap(resources["limits"]) };
  const requests = {
    ...asMap(limit["defaultRequest"] ?? limit["default"]),
    ...asMap(resources["limits"]),
    ...asMap(resources["requests"]),
  };
  return { ...container, resources: { ...resources, limits, requests } };
}

/**
 * LimitRanger's second half, for new and resized pods.
 *
 * @throws ApiFailure 403 for the first bound that is crossed
 */
export function admitLimits(review: AdmissionReview): void {
  if (!concernsPodResources(review)) return;
  const { type, object, store } = review;
  const limits = limitsOf(store, object.metadata.namespace ?? "");
  const complaint = limits.map((limit) => complaintOf(limit, object)).find(Boolean);
  if (complaint) throw forbidden(pluralTarget(type, object.metadata.name), complaint);
}

function complaintOf(limit: JsonMap, pod: KubeObject): string | undefined {
  const kind = asText(limit["type"]);
  if (kind === "Pod") return crossed(limit, podTotals(pod, "requests"), podTotals(pod, "limits"));
  if (kind !== "Container") return undefined;
  return [...containersOf(pod), ...initContainersOf(pod)]
    .map((container) => crossed(limit, amountsOf(container, "requests"), amountsOf(container, "limits")))
    .find(Boolean);
}

function crossed(limit: JsonMap, requests: Amounts, limits: Amounts): string | undefined {
  return tooLittle(limit, requests) ?? tooMuch(limit, requests, limits) ?? tooWide(limit, requests, limits);
}

function tooLittle(limit: JsonMap, requests: Amounts): string | undefined {
  const kind = asText(limit["type"]);
  for (const [name, floor] of boundsOf(limit, "min")) {
    const request = requests.get(name);
    const least = `minimum ${name} usage per ${kind} is ${shown(limit, "min", name)}`;
    if (request === undefined) return `${least}.  No request is specified`;
    if (request < floor - tolerance) return `${least}, but request is ${amountText(name, request)}`;
  }
  return undefined;
}

function tooMuch(limit: JsonMap, requests: Amounts, limits: Amounts): string | undefined {
  const kind = asText(limit["type"]);
  for (const [name, top] of boundsOf(limit, "max")) {
    const [most, request] = [limits.get(name), requests.get(name) ?? 0];
    const bound = `maximum ${name} usage per ${kind} is ${shown(limit, "max", name)}`;
    if (most === undefined) return `${bound}.  No limit is specified`;
    if (most > top + tolerance) return `${bound}, but limit is ${amountText(name, most)}`;
    if (request > top + tolerance) return `${bound}, but request is ${amountText(name, request)}`;
  }
  return undefined;
}

function tooWide(limit: JsonMap, requests: Amounts, limits: Amounts): string | undefined {
  const kind = asText(limit["type"]);
  for (const [name, ratio] of boundsOf(limit, "maxLimitRequestRatio")) {
    const [most, request] = [limits.get(name) ?? 0, requests.get(name) ?? 0];
    const bound = `${name} max limit to request ratio per ${kind} is ${shown(limit, "maxLimitRequestRatio", name)}`;
    if (request === 0) return `${bound}, but no request is specified or request is 0`;
    if (most === 0) return `${bound}, but no limit is specified or limit is 0`;
    if (most / request > ratio + tolerance) return `${bound}, but provided ratio is ${(most / request).toFixed(6)}`;
  }
  return undefined;
}

function boundsOf(limit: JsonMap, bound: string): Amounts {
  return amountsOf({ resources: { limits: limit[bound] } }, "limits");
}

function shown(limit: JsonMap, bound: string, name: string): string {
  return String(asMap(limit[bound])[name]);
}

function amountText(name: string, amount: number): string {
  return name === "cpu" ? milliText(amount) : String(amount);
}

function milliText(cores: number): string {
  const milli = Math.round(cores * 1000);
  return milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`;
}
