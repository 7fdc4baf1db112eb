import { creationProfileSpec } from "./creationProfile.ts";
import { type Definition, definitionOf, type Json, structural } from "./definition.ts";

const printerColumns: Definition["columns"] = [
  { name: "Valid-Until", type: "string", jsonPath: ".spec.validUntil" },
  { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
];

/** The CustomResourceDefinition of CreationProfile, made from its schema. */
export function creationProfileCrd(): Json {
  const spec = structural(creationProfileSpec);
  const workloads = (spec["properties"] as Json)["workloads"] as Json;
  // One owner for the whole map: field by field its owners would take more room than what is in it.
  Object.assign(workloads, { "x-kubernetes-map-type": "atomic" });
  return definitionOf({
    kind: "CreationProfile",
    shortNames: ["cp"],
    description: "CreationProfile says by what habits of their workloads new pods of a namespace are sized.",
    columns: printerColumns,
    spec,
  });
}
