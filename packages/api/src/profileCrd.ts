import { type Definition, definitionOf, type Json, structural } from "./definition.ts";
import { workloadProfileSpec } from "./workloadProfile.ts";

const printerColumns: Definition["columns"] = [
  { name: "Kind", type: "string", jsonPath: ".spec.workload.kind" },
  { name: "Workload", type: "string", jsonPath: ".spec.workload.name" },
  { name: "Habit", type: "string", jsonPath: ".spec.habitCPURequest" },
  { name: "Trust", type: "integer", jsonPath: ".spec.trustPercent" },
  { name: "Seen", type: "date", jsonPath: ".spec.seen" },
  { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
];

/** The CustomResourceDefinition of WorkloadProfile, made from its schema. */
export function workloadProfileCrd(): Json {
  return definitionOf({
    kind: "WorkloadProfile",
    shortNames: ["wp"],
    description:
      "WorkloadProfile remembers what CPU a workload has used, so that requests follow habits of hours and days.",
    columns: printerColumns,
    spec: structural(workloadProfileSpec),
  });
}
