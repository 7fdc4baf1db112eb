import { type Definition, definitionOf, type Json, structural } from "./definition.ts";
import { podAllocationSpec, podAllocationStatus } from "./podAllocation.ts";

/** A rule of the API server's own language, CEL, with what it says when broken. */
interface CelRule {
  readonly rule: string;
  readonly message: string;
}

const specRules: readonly CelRule[] = [
  {
    rule: "self.podName == oldSelf.podName && self.__namespace__ == oldSelf.__namespace__",
    message: "the pod of an allocation cannot change",
  },
  {
    rule: "!has(self.desiredCPULimit) || quantity(self.desiredCPULimit).compareTo(quantity(self.desiredCPURequest)) >= 0 || (has(self.containers) && self.containers.exists(c, !has(c.desiredCPULimit)))",
    message: "desiredCPULimit must not be below desiredCPURequest",
  },
];

const printerColumns: Definition["columns"] = [
  { name: "Pod", type: "string", jsonPath: ".spec.podName" },
  { name: "Request", type: "string", jsonPath: ".status.appliedCPURequest" },
  { name: "Limit", type: "string", jsonPath: ".status.appliedCPULimit" },
  { name: "Ration", type: "string", jsonPath: ".status.rationCPU" },
  { name: "Phase", type: "string", jsonPath: ".status.phase" },
  { name: "Reason", type: "string", jsonPath: ".status.reason" },
  { name: "Desired-Request", type: "string", jsonPath: ".spec.desiredCPURequest", priority: 1 },
  { name: "Desired-Limit", type: "string", jsonPath: ".spec.desiredCPULimit", priority: 1 },
  { name: "Binding", type: "string", jsonPath: ".status.binding" },
  { name: "Price", type: "number", jsonPath: ".status.shadowPriceCPU" },
  { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
];

/** The CustomResourceDefinition of PodAllocation, made from its schemas. */
export function podAllocationCrd(): Json {
  const spec = structural(podAllocationSpec);
  const status = structural(podAllocationStatus);
  const containers = (spec["properties"] as Json)["containers"] as Json;
  const conditions = (status["properties"] as Json)["conditions"] as Json;
  Object.assign(containers, { "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"] });
  Object.assign(conditions, { "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"] });
  return definitionOf({
    kind: "PodAllocation",
    shortNames: ["pa"],
    description: "PodAllocation says how much CPU a pod is given by the market on its node, and why.",
    columns: printerColumns,
    spec: { ...spec, "x-kubernetes-validations": specRules },
    status,
  });
}
