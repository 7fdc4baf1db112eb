import { creationProfileName, creationProfileResource } from "../creationProfile.ts";
import type { Json } from "../definition.ts";
import { declaredAnnotation } from "../names.ts";
import { conditions, patches, setsDeclared, variables } from "./expressions.ts";

const apiVersion = "admissionregistration.k8s.io/v1";
/** Policies of admission have no namespace, so that their names say whose they are. */
export const creationPolicyName = "walras-new-pods";
const guard = "walras-declared";

const pods = (operation: "CREATE" | "UPDATE"): Json => ({
  resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: [operation], resources: ["pods"] }],
});

/** New pods get what their workload is known to need. Whatever is missing or wrong, the pod is created as declared. */
function sizingPolicy(): Json {
  const { apiVersion: version, kind } = creationProfileResource;
  return {
    apiVersion,
    kind: "MutatingAdmissionPolicy",
    metadata: { name: creationPolicyName },
    spec: {
      failurePolicy: "Ignore",
      reinvocationPolicy: "Never",
      paramKind: { apiVersion: version, kind },
      matchConstraints: pods("CREATE"),
      matchConditions: conditions,
      variables,
      mutations: [{ patchType: "JSONPatch", jsonPatch: { expression: patches } }],
    },
  };
}

/** What a pod brings along as declared is taken off: nobody is promised more than he asks for. */
function strippingPolicy(): Json {
  const brought = `has(object.metadata.annotations) && "${declaredAnnotation}" in object.metadata.annotations`;
  const path = `"/metadata/annotations/" + jsonpatch.escapeKey("${declaredAnnotation}")`;
  return {
    apiVersion,
    kind: "MutatingAdmissionPolicy",
    metadata: { name: guard },
    spec: {
      failurePolicy: "Fail",
      reinvocationPolicy: "Never",
      matchConstraints: pods("CREATE"),
      matchConditions: [{ name: "brought-along", expression: `${brought} && ${setsDeclared}` }],
      mutations: [{ patchType: "JSONPatch", jsonPatch: { expression: `[JSONPatch{op: "remove", path: ${path}}]` } }],
    },
  };
}

/** And once the pod is there nobody changes it. */
function keepingPolicy(): Json {
  const of = (one: string): string => `${one}.metadata.?annotations[?"${declaredAnnotation}"].orValue("")`;
  return {
    apiVersion,
    kind: "ValidatingAdmissionPolicy",
    metadata: { name: guard },
    spec: {
      failurePolicy: "Fail",
      matchConstraints: pods("UPDATE"),
      validations: [
        {
          expression: `${of("object")} == ${of("oldObject")}`,
          message: `annotation ${declaredAnnotation} is set when the pod is created, and not changed`,
        },
      ],
    },
  };
}

/** What sizes new pods, and what keeps it honest. */
export function creationPolicies(): readonly Json[] {
  return [sizingPolicy(), strippingPolicy(), keepingPolicy()];
}

/** Where they hold: sizing where a profile is, the others everywhere. */
export function creationBindings(): readonly Json[] {
  const paramRef = { name: creationProfileName, parameterNotFoundAction: "Allow" };
  return [
    {
      apiVersion,
      kind: "MutatingAdmissionPolicyBinding",
      metadata: { name: creationPolicyName },
      spec: { policyName: creationPolicyName, paramRef },
    },
    {
      apiVersion,
      kind: "MutatingAdmissionPolicyBinding",
      metadata: { name: guard },
      spec: { policyName: guard },
    },
    {
      apiVersion,
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name: guard },
      spec: { policyName: guard, validationActions: ["Deny"] },
    },
  ];
}
