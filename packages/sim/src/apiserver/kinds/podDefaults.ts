import { asMap, asText, isMap, type JsonMap, type KubeObject, mapsOf } from "../objects/model.ts";
import { sameJson } from "../objects/equality.ts";
import { qosClassOf } from "./qos.ts";
import { canonicalAmounts, canonicalResources, mapMembers } from "./quantities.ts";

const specDefaults: JsonMap = {
  restartPolicy: "Always",
  terminationGracePeriodSeconds: 30,
  dnsPolicy: "ClusterFirst",
  serviceAccountName: "default",
  serviceAccount: "default",
  securityContext: {},
  schedulerName: "default-scheduler",
  priority: 0,
  enableServiceLinks: true,
  preemptionPolicy: "PreemptLowerPriority",
};

/** A pod with the defaults of the API and quantities in canonical form; the same pod where it has them. */
export function normalisePod(pod: KubeObject): KubeObject {
  const spec = mapMembers(
    withMissing(pod.spec ?? {}, specDefaults),
    ["containers", "initContainers"],
    normaliseContainers,
  );
  const status =
    pod.status && mapMembers(pod.status, ["containerStatuses", "initContainerStatuses"], normaliseStatuses);
  if (spec === pod.spec && status === pod.status) return pod;
  return { ...pod, spec, ...(status ? { status } : {}) };
}

/** A new pod is Pending and has its QoS class for life. */
export function startPod(pod: KubeObject): KubeObject {
  return { ...pod, status: { phase: "Pending", qosClass: qosClassOf(pod) } };
}

function normaliseContainers(list: unknown, field: string): unknown {
  return mapElements(list, (container, index) => normaliseContainer(container, `spec.${field}[${index}]`));
}

function normaliseContainer(container: JsonMap, field: string): JsonMap {
  const resources = withRequests(canonicalResources(asMap(container["resources"]), `${field}.resources`));
  const ports = mapElements(container["ports"], (port) => withMissing(port, { protocol: "TCP" }));
  const full = withMissing(container, {
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
    imagePullPolicy: pullPolicy(asText(container["image"])),
  });
  if (full === container && resources === container["resources"] && ports === container["ports"]) return container;
  return { ...full, ...(ports === undefined ? {} : { ports }), resources };
}

function withMissing(map: JsonMap, defaults: JsonMap): JsonMap {
  const missing = Object.entries(defaults).filter(([name]) => map[name] === undefined);
  return missing.length === 0 ? map : { ...map, ...Object.fromEntries(missing) };
}

/** A limit without a request is its own request. */
function withRequests(resources: unknown): unknown {
  if (!isMap(resources) || !isMap(resources["limits"])) return resources;
  const requests = asMap(resources["requests"]);
  const filled = { ...resources["limits"], ...requests };
  return sameJson(filled, requests) ? resources : { ...resources, requests: filled };
}

function pullPolicy(image: string): string {
  const tag = /:([^:/@]+)$/.exec(image)?.[1];
  return tag === undefined
    ? image.includes("@")
      ? "IfNotPresent"
      : "Always"
    : tag === "latest"
      ? "Always"
      : "IfNotPresent";
}

function normaliseStatuses(list: unknown, field: string): unknown {
  return mapElements(list, (status, index) => {
    const at = `status.${field}[${index}]`;
    return mapMembers(status, ["resources", "allocatedResources"], (value, name) =>
      name === "resources" ? canonicalResources(value, `${at}.resources`) : canonicalAmounts(value, `${at}.${name}`),
    );
  });
}

function mapElements(list: unknown, change: (element: JsonMap, index: number) => JsonMap): unknown {
  const elements = mapsOf(list);
  const changed = elements.map(change);
  return changed.every((element, index) => element === elements[index]) ? list : changed;
}
