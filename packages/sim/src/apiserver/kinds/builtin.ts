import { asMap, asText, type JsonMap, type KubeObject, mapsOf, plainText, valueAt } from "../objects/model.ts";
import { brokenRules } from "../crd/cel.ts";
import type { JsonSchema } from "../crd/jsonSchema.ts";
import type { KindRules, ResourceType, ScalePaths, SelectableFields } from "../resources.ts";
import { builtin } from "./kind.ts";
import { type Cause, invalidValue, requiredField } from "../status.ts";
import { eventStored, eventView, validateEvent } from "./events.ts";
import { eventColumns, nodeColumns, podColumns, workloadColumns } from "./columns.ts";
import { checkMicroTimes } from "./microTime.ts";
import { normalisePod, startPod } from "./podDefaults.ts";
import { validatePod } from "./podValidation.ts";
import { canonicalLimitRange, canonicalNode, canonicalQuota } from "./quantities.ts";

function textAt(...path: readonly string[]): (object: KubeObject) => string {
  return (object) => asText(valueAt(object, path));
}

const podFields: SelectableFields = {
  "spec.nodeName": textAt("spec", "nodeName"),
  "spec.restartPolicy": textAt("spec", "restartPolicy"),
  "spec.schedulerName": textAt("spec", "schedulerName"),
  "spec.serviceAccountName": textAt("spec", "serviceAccountName"),
  "status.phase": textAt("status", "phase"),
  "status.podIP": textAt("status", "podIP"),
};

const involved = ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"];
const eventFields: SelectableFields = {
  ...Object.fromEntries(involved.map((name) => [`involvedObject.${name}`, textAt("involvedObject", name)])),
  ...Object.fromEntries(involved.map((name) => [`regarding.${name}`, textAt("involvedObject", name)])),
  reason: textAt("reason"),
  type: textAt("type"),
  reportingComponent: textAt("reportingComponent"),
  reportingController: textAt("reportingComponent"),
};

const workloadScale: ScalePaths = {
  specReplicas: ["spec", "replicas"],
  statusReplicas: ["status", "replicas"],
  selector: ["spec", "selector"],
};

const workloadRules: KindRules = {
  normalise: (object) => (object.spec?.["replicas"] === undefined ? withSpec(object, { replicas: 1 }) : object),
  onCreate: (object) => ({ ...object, status: {} }),
  validate: validateWorkload,
};

function withSpec(object: KubeObject, fields: JsonMap): KubeObject {
  return { ...object, spec: { ...object.spec, ...fields } };
}

function validateWorkload(object: KubeObject): readonly Cause[] {
  const replicas = object.spec?.["replicas"];
  const negative = typeof replicas === "number" && replicas < 0;
  return [
    ...(negative ? [invalidValue("spec.replicas", replicas, "must be greater than or equal to 0")] : []),
    ...(object.spec?.["selector"] === undefined ? [requiredField("spec.selector")] : []),
  ];
}

function workload(kind: string, plural: string, shortNames: readonly string[]): ResourceType {
  return builtin({
    group: "apps",
    kind,
    plural,
    shortNames,
    categories: ["all"],
    subresources: ["status", "scale"],
    generation: true,
    rules: workloadRules,
    scale: workloadScale,
    columns: workloadColumns,
    fields: { "status.replicas": (object) => plainText(object.status?.["replicas"]) },
  });
}

const namespaceRules: KindRules = {
  normalise: (object) => {
    const labels = { ...object.metadata.labels, "kubernetes.io/metadata.name": object.metadata.name };
    return { ...object, metadata: { ...object.metadata, labels }, spec: object.spec ?? { finalizers: ["kubernetes"] } };
  },
  onCreate: (object) => ({ ...object, status: { phase: "Active" } }),
};

const leaseRules: KindRules = {
  decode: checkMicroTimes([
    ["spec", "acquireTime"],
    ["spec", "renewTime"],
  ]),
};

const eventRules: KindRules = {
  decode: checkMicroTimes([["eventTime"], ["series", "lastObservedTime"]]),
  validate: validateEvent,
};

const crdRules: KindRules = { validate: (crd) => [...validateCrdNames(crd), ...validateCrdRules(crd)] };

function validateCrdRules(crd: KubeObject): readonly Cause[] {
  return mapsOf(crd.spec?.["versions"]).flatMap((version, index) => {
    const schema: JsonSchema = asMap(valueAt(version, ["schema", "openAPIV3Schema"]));
    return brokenRules(schema, `spec.versions[${index}].schema.openAPIV3Schema`);
  });
}

function validateCrdNames(crd: KubeObject): readonly Cause[] {
  const { plural, kind } = (crd.spec?.["names"] ?? {}) as { plural?: string; kind?: string };
  const wanted = `${plural}.${asText(crd.spec?.["group"])}`;
  return [
    ...(plural ? [] : [requiredField("spec.names.plural")]),
    ...(kind ? [] : [requiredField("spec.names.kind")]),
    ...(mapsOf(crd.spec?.["versions"]).length > 0 ? [] : [requiredField("spec.versions")]),
    ...(crd.metadata.name === wanted
      ? []
      : [invalidValue("metadata.name", crd.metadata.name, `must be spec.names.plural+"."+spec.group`)]),
  ];
}

/** Every kind that is served without a CustomResourceDefinition. */
export const builtinTypes: readonly ResourceType[] = [
  builtin({
    kind: "Pod",
    plural: "pods",
    shortNames: ["po"],
    categories: ["all"],
    subresources: ["status", "resize", "binding", "eviction"],
    generation: true,
    rules: { normalise: normalisePod, onCreate: startPod, validate: validatePod },
    fields: podFields,
    columns: podColumns,
  }),
  builtin({
    kind: "Node",
    plural: "nodes",
    namespaced: false,
    shortNames: ["no"],
    subresources: ["status"],
    rules: { normalise: canonicalNode },
    columns: nodeColumns,
    fields: { "spec.unschedulable": (node) => plainText(node.spec?.["unschedulable"] ?? false) },
  }),
  builtin({
    kind: "Namespace",
    plural: "namespaces",
    namespaced: false,
    shortNames: ["ns"],
    subresources: ["status"],
    rules: namespaceRules,
    fields: { "status.phase": textAt("status", "phase") },
  }),
  builtin({
    kind: "Event",
    plural: "events",
    shortNames: ["ev"],
    rules: eventRules,
    fields: eventFields,
    columns: eventColumns,
  }),
  builtin({
    group: "events.k8s.io",
    kind: "Event",
    plural: "events",
    shortNames: ["ev"],
    rules: eventRules,
    fields: eventFields,
    collection: "events",
    view: eventView,
    store: eventStored,
  }),
  builtin({ kind: "ConfigMap", plural: "configmaps", shortNames: ["cm"] }),
  builtin({ kind: "Secret", plural: "secrets", fields: { type: textAt("type") } }),
  builtin({ kind: "ServiceAccount", plural: "serviceaccounts", shortNames: ["sa"], subresources: ["token"] }),
  builtin({
    kind: "LimitRange",
    plural: "limitranges",
    shortNames: ["limits"],
    rules: { normalise: canonicalLimitRange },
  }),
  builtin({
    kind: "ResourceQuota",
    plural: "resourcequotas",
    shortNames: ["quota"],
    subresources: ["status"],
    rules: { normalise: canonicalQuota, onCreate: (quota) => ({ ...quota, status: {} }) },
  }),
  workload("Deployment", "deployments", ["deploy"]),
  workload("ReplicaSet", "replicasets", ["rs"]),
  workload("StatefulSet", "statefulsets", ["sts"]),
  builtin({
    group: "autoscaling",
    version: "v2",
    kind: "HorizontalPodAutoscaler",
    plural: "horizontalpodautoscalers",
    shortNames: ["hpa"],
    categories: ["all"],
    subresources: ["status"],
    rules: { onCreate: (autoscaler) => ({ ...autoscaler, status: {} }) },
  }),
  builtin({
    group: "policy",
    kind: "PodDisruptionBudget",
    plural: "poddisruptionbudgets",
    shortNames: ["pdb"],
    subresources: ["status"],
    generation: true,
    rules: { onCreate: (budget) => ({ ...budget, status: {} }) },
  }),
  builtin({
    group: "coordination.k8s.io",
    kind: "Lease",
    plural: "leases",
    unconditionalUpdate: false,
    rules: leaseRules,
  }),
  builtin({ group: "node.k8s.io", kind: "RuntimeClass", plural: "runtimeclasses", namespaced: false }),
  builtin({ group: "resource.k8s.io", kind: "ResourceSlice", plural: "resourceslices", namespaced: false }),
  builtin({ group: "resource.k8s.io", kind: "DeviceClass", plural: "deviceclasses", namespaced: false }),
  builtin({
    group: "resource.k8s.io",
    kind: "ResourceClaim",
    plural: "resourceclaims",
    subresources: ["status"],
    rules: { onCreate: (claim) => ({ ...claim, status: {} }) },
  }),
  builtin({
    group: "authentication.k8s.io",
    kind: "TokenReview",
    plural: "tokenreviews",
    namespaced: false,
    ephemeral: true,
  }),
  builtin({
    group: "authorization.k8s.io",
    kind: "SubjectAccessReview",
    plural: "subjectaccessreviews",
    namespaced: false,
    ephemeral: true,
  }),
  builtin({
    group: "authorization.k8s.io",
    kind: "SelfSubjectAccessReview",
    plural: "selfsubjectaccessreviews",
    namespaced: false,
    ephemeral: true,
  }),
  builtin({
    group: "apiextensions.k8s.io",
    kind: "CustomResourceDefinition",
    plural: "customresourcedefinitions",
    namespaced: false,
    shortNames: ["crd", "crds"],
    subresources: ["status"],
    generation: true,
    unconditionalUpdate: false,
    rules: crdRules,
  }),
];
