import { z } from "zod";

import { podAllocationSpec, podAllocationStatus } from "./podAllocation.ts";

type Json = Record<string, unknown>;

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

/** The CustomResourceDefinition of PodAllocation, made from its schemas. */
export function podAllocationCrd(): Json {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "podallocations.allocation.mbcas.io" },
    spec: {
      group: "allocation.mbcas.io",
      scope: "Namespaced",
      names: {
        kind: "PodAllocation",
        listKind: "PodAllocationList",
        plural: "podallocations",
        singular: "podallocation",
        shortNames: ["pa"],
      },
      versions: [
        {
          name: "v1alpha1",
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: printerColumns,
          schema: { openAPIV3Schema: schema() },
        },
      ],
    },
  };
}

const printerColumns = [
  { name: "Pod", type: "string", jsonPath: ".spec.podName" },
  { name: "Request", type: "string", jsonPath: ".spec.desiredCPURequest" },
  { name: "Limit", type: "string", jsonPath: ".spec.desiredCPULimit" },
  { name: "Phase", type: "string", jsonPath: ".status.phase" },
  { name: "Reason", type: "string", jsonPath: ".status.reason" },
  { name: "Binding", type: "string", jsonPath: ".status.binding" },
  { name: "Price", type: "number", jsonPath: ".status.shadowPriceCPU" },
  { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
];

function schema(): Json {
  const spec = structural(podAllocationSpec);
  const status = structural(podAllocationStatus);
  const containers = (spec["properties"] as Json)["containers"] as Json;
  const conditions = (status["properties"] as Json)["conditions"] as Json;
  Object.assign(containers, { "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"] });
  Object.assign(conditions, { "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"] });
  return {
    type: "object",
    description: "PodAllocation says how much CPU a pod is given by the market on its node, and why.",
    required: ["spec"],
    properties: {
      apiVersion: { type: "string" },
      kind: { type: "string" },
      metadata: { type: "object" },
      spec: { ...spec, "x-kubernetes-validations": specRules },
      status,
    },
  };
}

/** A zod schema as the structural OpenAPI v3 subset that a CRD takes. */
function structural(source: z.ZodType): Json {
  return trimmed(z.toJSONSchema(source, { target: "openapi-3.0", io: "input" })) as Json;
}

const unsupported = new Set(["$schema", "additionalProperties", "$id"]);

/** What zod adds that says nothing to the API server: the pattern behind a known format, the bounds of safe integers. */
function isNoise(key: string, inner: unknown, format: unknown): boolean {
  return (key === "pattern" && format === "date-time") || (key === "maximum" && inner === Number.MAX_SAFE_INTEGER);
}

function trimmed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(trimmed);
  if (typeof value !== "object" || value === null) return value;
  const { format, ...rest } = value as Json;
  const kept = Object.entries(rest).filter(([key, inner]) => !unsupported.has(key) && !isNoise(key, inner, format));
  const result: Json = Object.fromEntries(kept.map(([key, inner]) => [key, trimmed(inner)]));
  return typeof format === "string" ? { ...result, format } : result;
}
