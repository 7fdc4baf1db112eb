import { type Definition, definitionOf, type Json, structural } from "./definition.ts";
import { intentGroup, intentSpec, intentStatus } from "./intent.ts";
import { kpiProfileSpec, kpiProfileStatus } from "./kpiProfile.ts";

const age: Definition["columns"][number] = { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" };

/** An object of any keys: what values they have the API server need not know. */
const anything = { additionalProperties: undefined, "x-kubernetes-preserve-unknown-fields": true };

/** The CustomResourceDefinition of Intent, made from its schemas. */
export function intentCrd(): Json {
  const status = structural(intentStatus);
  Object.assign(inner(status, "conditions"), {
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["type"],
  });
  const actions = inner(inner(status, "lastPlan"), "actions");
  Object.assign(inner(actions["items"] as Json, "properties"), anything);
  return definitionOf({
    group: intentGroup,
    kind: "Intent",
    shortNames: ["i", "ido"],
    categories: ["all"],
    description: "Intent says what the KPIs of a workload are to be, and how far they are.",
    columns: [
      { name: "Target", type: "string", jsonPath: ".spec.targetRef.name" },
      { name: "Fulfilled", type: "string", jsonPath: '.status.conditions[?(@.type=="Fulfilled")].status' },
      { name: "Verdict", type: "string", jsonPath: ".status.verdict" },
      { name: "Prio", type: "number", jsonPath: ".spec.priority" },
      age,
      { name: "Active", type: "boolean", jsonPath: ".spec.active", priority: 1 },
    ],
    spec: structural(intentSpec),
    status,
  });
}

/** The CustomResourceDefinition of KPIProfile, made from its schemas. */
export function kpiProfileCrd(): Json {
  const spec = structural(kpiProfileSpec);
  Object.assign(inner(spec, "props"), anything);
  return definitionOf({
    group: intentGroup,
    kind: "KPIProfile",
    shortNames: ["kp", "kpis"],
    categories: ["all"],
    description: "KPIProfile says what a KPI is and how it is measured.",
    columns: [{ name: "Resolved", type: "boolean", jsonPath: ".status.resolved" }, age],
    spec,
    status: structural(kpiProfileStatus),
  });
}

/** The schema of one property; what it gets assigned is part of the schema. */
function inner(schema: Json, property: string): Json {
  return (schema["properties"] as Record<string, Json>)[property] as Json;
}
