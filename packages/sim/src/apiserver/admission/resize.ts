import { sameJson } from "../objects/equality.ts";
import { asMap, asText, isMap, type JsonMap, type KubeObject, mapsOf, without } from "../objects/model.ts";
import { type Cause, forbidden, forbiddenField, invalidValue } from "../status.ts";
import { amountsOf, containersOf, initContainersOf, podTotals, type Side } from "../kinds/podResources.ts";
import { qosClassOf } from "../kinds/qos.ts";
import { pluralTarget } from "../resources.ts";
import { type AdmissionReview, concernsPodResources } from "./review.ts";

/**
 * What pods/resize takes from the request: the resources of containers, and
 * nothing else, as dropNonResizeUpdates of the pod strategy does.
 */
export function resizedPod(requested: KubeObject, old: KubeObject): KubeObject {
  const spec = { ...old.spec };
  for (const field of ["containers", "initContainers"] as const) {
    const merged = resizedContainers(mapsOf(requested.spec?.[field]), mapsOf(old.spec?.[field]));
    if (merged.length > 0) spec[field] = merged;
  }
  return { ...old, metadata: { ...old.metadata, ...identityOf(requested) }, spec };
}

function identityOf({ metadata: { uid, resourceVersion } }: KubeObject): { uid?: string; resourceVersion?: string } {
  return { ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) };
}

function resizedContainers(requested: readonly JsonMap[], old: readonly JsonMap[]): readonly JsonMap[] {
  return requested.map((container) => {
    const own = old.find((other) => other["name"] === container["name"]);
    return own ? { ...own, resources: container["resources"] ?? {} } : container;
  });
}

/** ValidatePodResize of k8s.io/kubernetes/pkg/apis/core/validation (1.36), with its messages. */
export function validateResize(pod: KubeObject, old: KubeObject): readonly Cause[] {
  if (old.metadata.annotations?.["kubernetes.io/config.mirror"] !== undefined) {
    return [forbiddenField("", "static pods cannot be resized")];
  }
  if (asMap(old.spec?.["os"])["name"] === "windows") return [forbiddenField("", "windows pods cannot be resized")];
  if (containersOf(pod).length !== containersOf(old).length) {
    return [forbiddenField("spec.containers", "containers may not be added or removed on resize")];
  }
  return [...validateQos(pod, old), ...validateNodeSupport(old), ...validateChanges(pod, old)];
}

function validateQos(pod: KubeObject, old: KubeObject): readonly Cause[] {
  const before = asText(old.status?.["qosClass"]) || qosClassOf(old);
  if (qosClassOf(pod) === before) return [];
  return [invalidValue("spec", before, "Pod QOS Class may not change as a result of resizing")];
}

function validateNodeSupport(old: KubeObject): readonly Cause[] {
  const unsupported = mapsOf(old.status?.["containerStatuses"]).some(
    (status) => isMap(asMap(status["state"])["running"]) && status["resources"] === undefined,
  );
  return unsupported ? [forbiddenField("spec", "Pod running on node without support for resize")] : [];
}

function validateChanges(pod: KubeObject, old: KubeObject): readonly Cause[] {
  const main = compare(containersOf(pod), containersOf(old), "spec.containers");
  const init = compare(initContainersOf(pod), initContainersOf(old), "spec.initContainers");
  return [...main, ...init];
}

function compare(containers: readonly JsonMap[], old: readonly JsonMap[], field: string): readonly Cause[] {
  return containers.flatMap((container, index) => {
    const before = old[index];
    if (!before || sameJson(container["resources"], before["resources"])) return [];
    const at = `${field}[${index}].resources`;
    return [...removed(container, before, at), ...otherResources(container, before)];
  });
}

function removed(container: JsonMap, before: JsonMap, at: string): readonly Cause[] {
  return (["limits", "requests"] as const).flatMap((side: Side) => {
    const left = amountsOf(container, side);
    const gone = [...amountsOf(before, side).keys()].some((name) => !left.has(name));
    return gone ? [forbiddenField(`${at}.${side}`, `resource ${side} cannot be removed`)] : [];
  });
}

function otherResources(container: JsonMap, before: JsonMap): readonly Cause[] {
  const rest = (side: Side, owner: JsonMap): JsonMap =>
    without(asMap(asMap(owner["resources"])[side]), "cpu", "memory");
  const same = (["limits", "requests"] as const).every((side) => sameJson(rest(side, container), rest(side, before)));
  return same ? [] : [forbiddenField("spec", "only cpu and memory resources are mutable")];
}

/**
 * The PodResizeValidator plugin (Kubernetes 1.36): a request that the node
 * could never hold, or a node that cannot resize, is refused at once.
 *
 * @throws ApiFailure 403 with details.causes[].reason NodeCapacity or UnsupportedPlatform
 */
export function admitResize(review: AdmissionReview): void {
  const { type, subresource, object, store } = review;
  const nodeName = asText(object.spec?.["nodeName"]);
  if (!concernsPodResources(review) || subresource !== "resize" || !nodeName) return;
  const node = store.get("nodes", "", nodeName);
  const complaint = node && refusalOf(node, object);
  if (!complaint) return;
  throw forbidden(pluralTarget(type, object.metadata.name), complaint.why, [{ reason: complaint.reason }]);
}

function refusalOf(node: KubeObject, pod: KubeObject): { why: string; reason: string } | undefined {
  const os = node.metadata.labels?.["kubernetes.io/os"] ?? "linux";
  if (os !== "linux") return { why: `pod resize is not supported on ${os} nodes`, reason: "UnsupportedPlatform" };
  const short = shortage(pod, asMap(node.status?.["allocatable"]));
  return short ? { why: `node didn't have enough allocatable resources: ${short}`, reason: "NodeCapacity" } : undefined;
}

function shortage(pod: KubeObject, allocatable: JsonMap): string | undefined {
  const requests = podTotals(pod, "requests");
  const available = amountsOf({ resources: { limits: allocatable } }, "limits");
  for (const [name, unit] of [
    ["cpu", 1000],
    ["memory", 1],
  ] as const) {
    const [wanted, most] = [requests.get(name) ?? 0, available.get(name) ?? 0];
    if (wanted > most)
      return `${name}, requested: ${Math.round(wanted * unit)}, allocatable: ${Math.round(most * unit)}`;
  }
  return undefined;
}
