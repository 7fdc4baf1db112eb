import { type Definition, definitionOf, type Json, structural } from "./definition.ts";
import { gpuGroup, gpuSchedulingMapSpec, gpuSchedulingMapStatus } from "./gpuSchedulingMap.ts";

const printerColumns: Definition["columns"] = [
  { name: "Workload", type: "string", jsonPath: ".spec.workload.name" },
  { name: "Valid", type: "string", jsonPath: '.status.conditions[?(@.type=="Valid")].status' },
  { name: "Placed", type: "string", jsonPath: ".status.placed" },
  { name: "Drifted", type: "integer", jsonPath: ".status.drifted" },
  { name: "Reason", type: "string", jsonPath: '.status.conditions[?(@.type=="Placed")].reason' },
  { name: "Rollout", type: "string", jsonPath: ".spec.rollout", priority: 1 },
  { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
];

/** The CustomResourceDefinition of GpuSchedulingMap, made from its schemas. */
export function gpuSchedulingMapCrd(): Json {
  const spec = structural(gpuSchedulingMapSpec);
  const status = structural(gpuSchedulingMapStatus);
  const entries = (spec["properties"] as Json)["schedulingMap"] as Json;
  const { conditions, placements } = status["properties"] as Record<string, Json>;
  Object.assign(entries, keyedBy("podIndex"));
  Object.assign(conditions ?? {}, keyedBy("type"));
  Object.assign(placements ?? {}, keyedBy("podIndex"));
  const rule = { rule: "self.workload == oldSelf.workload", message: "the workload of a map cannot change" };
  return definitionOf({
    group: gpuGroup,
    kind: "GpuSchedulingMap",
    shortNames: ["gsm"],
    description: "GpuSchedulingMap says which pod of a workload gets which GPUs of which node, and what became of it.",
    columns: printerColumns,
    spec: { ...spec, "x-kubernetes-validations": [rule] },
    status,
  });
}

function keyedBy(key: string): Json {
  return { "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": [key] };
}
