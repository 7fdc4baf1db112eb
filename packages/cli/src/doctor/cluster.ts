import { podAllocationResource, workloadProfileResource } from "@walras/api";
import { collectionPath, KubeError, type KubeTransport, type Resource } from "@walras/kube";

import type { Answer, Check } from "./check.ts";

/** In-place resize is on by default from here (KEP-1287). */
const leastMinor = 33;

/** Whether this cluster serves what the market works with. */
export function clusterChecks(transport: KubeTransport): readonly Check[] {
  return [
    { name: "Kubernetes version", run: () => version(transport) },
    { name: "pods/resize", run: () => resizeServed(transport) },
    ...[podAllocationResource, workloadProfileResource].map((resource): Check => ({
      name: `${resource.kind} CRD`,
      run: () => crdServed(transport, resource),
    })),
  ];
}

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

async function crdServed(transport: KubeTransport, resource: Resource): Promise<Answer> {
  try {
    await transport.send({ method: "GET", path: collectionPath(resource), query: { limit: "1" } });
    return { verdict: "ok", detail: "installed" };
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 404) throw error;
    return { verdict: "fail", detail: "not installed: kubectl apply -k deploy/crds" };
  }
}
