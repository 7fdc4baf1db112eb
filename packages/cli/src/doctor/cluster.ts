import { podAllocationResource } from "@walras/api";
import { collectionPath, KubeError, type KubeTransport } from "@walras/kube";

import type { Check } from "./check.ts";

/** In-place resize is on by default from here (KEP-1287). */
const leastMinor = 33;

/** What the controller does with the API, as its ClusterRole has it. */
const rights = [
  { group: "", resource: "pods", verb: "watch" },
  { group: "", resource: "nodes", verb: "watch" },
  { group: "", resource: "namespaces", verb: "watch" },
  { group: "", resource: "pods", subresource: "resize", verb: "patch" },
  { group: "allocation.mbcas.io", resource: "podallocations", verb: "patch" },
  { group: "authentication.k8s.io", resource: "tokenreviews", verb: "create" },
  { group: "coordination.k8s.io", resource: "leases", verb: "update" },
] as const;

/** Whether a controller with these credentials could work on this cluster. */
export function clusterChecks(transport: KubeTransport): readonly Check[] {
  return [
    { name: "Kubernetes version", run: () => version(transport) },
    { name: "pods/resize", run: () => resizeServed(transport) },
    { name: "PodAllocation CRD", run: () => crdServed(transport) },
    ...rights.map((right): Check => {
      const resource = "subresource" in right ? `${right.resource}/${right.subresource}` : right.resource;
      return { name: `may ${right.verb} ${resource}`, run: () => allowed(transport, right) };
    }),
  ];
}

type Answer = Awaited<ReturnType<Check["run"]>>;

async function version(transport: KubeTransport): Promise<Answer> {
  const { gitVersion, minor } = (await transport.send({ method: "GET", path: "/version" })) as {
    gitVersion: string;
    minor: string;
  };
  if (Number.parseInt(minor, 10) >= leastMinor) return { verdict: "ok", detail: gitVersion };
  return { verdict: "fail", detail: `${gitVersion}: in-place resize needs 1.${leastMinor} or later` };
}

async function resizeServed(transport: KubeTransport): Promise<Answer> {
  const { resources } = (await transport.send({ method: "GET", path: "/api/v1" })) as { resources: { name: string }[] };
  if (resources.some(({ name }) => name === "pods/resize")) return { verdict: "ok", detail: "served" };
  return { verdict: "fail", detail: "not served: is the feature gate InPlacePodVerticalScaling off?" };
}

async function crdServed(transport: KubeTransport): Promise<Answer> {
  try {
    await transport.send({ method: "GET", path: collectionPath(podAllocationResource), query: { limit: "1" } });
    return { verdict: "ok", detail: "installed" };
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 404) throw error;
    return { verdict: "fail", detail: "not installed: kubectl apply -k deploy/crds" };
  }
}

async function allowed(transport: KubeTransport, resourceAttributes: (typeof rights)[number]): Promise<Answer> {
  const answer = await transport.send({
    method: "POST",
    path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
    body: { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview", spec: { resourceAttributes } },
  });
  const { status } = answer as { status?: { allowed?: boolean; reason?: string } };
  if (status?.allowed) return { verdict: "ok", detail: "allowed" };
  return { verdict: "fail", detail: `not allowed: ${status?.reason || "no rule grants it"}` };
}
