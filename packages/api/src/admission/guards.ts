import type { Json } from "../definition.ts";
import { managedLabel, optOutAnnotation } from "../names.ts";
import { podAllocationResource } from "../podAllocation.ts";

const apiVersion = "admissionregistration.k8s.io/v1";
/** Policies of admission have no namespace, so that their names say whose they are. */
const records = "walras-podallocations";
const optOut = "walras-opt-out";

/** The account of deploy/kustomize. It is the first variable, so that an overlay with another one can put its own there. */
const controller = "system:serviceaccount:walras-system:walras-controller";

/**
 * What is said of a pod decides what it gets back when the market leaves it: only the controller writes that. Labels, annotations and
 * owners are anybody's who may write the object; deletions are not asked about, since they are made by who deletes the pod.
 */
function recordsPolicy(): Json {
  const [group = ""] = podAllocationResource.apiVersion.split("/");
  const same = (field: string): string =>
    `(has(object.${field}) ? object.${field} : {}) == (has(oldObject.${field}) ? oldObject.${field} : {})`;
  return {
    apiVersion,
    kind: "ValidatingAdmissionPolicy",
    metadata: { name: records },
    spec: {
      failurePolicy: "Fail",
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: [group],
            apiVersions: ["*"],
            operations: ["CREATE", "UPDATE"],
            resources: ["podallocations", "podallocations/status"],
          },
        ],
      },
      variables: [
        { name: "controller", expression: `"${controller}"` },
        { name: "untouched", expression: `request.operation == "UPDATE" && ${same("spec")} && ${same("status")}` },
      ],
      validations: [
        {
          expression: "request.userInfo.username == variables.controller || variables.untouched",
          messageExpression:
            '"spec and status of a PodAllocation are written by " + variables.controller + " alone, not by " + request.userInfo.username',
          reason: "Forbidden",
        },
      ],
    },
  };
}

/** Without its label a namespace's pods get back what they declared, all at once: that is not done by a slip. */
function optOutPolicy(): Json {
  const managed = (one: string): string => `${one}.metadata.?labels[?"${managedLabel}"].orValue("") == "true"`;
  const confirmed = (one: string): string =>
    `${one}.metadata.?annotations[?"${optOutAnnotation}"].orValue("") == "true"`;
  return {
    apiVersion,
    kind: "ValidatingAdmissionPolicy",
    metadata: { name: optOut },
    spec: {
      failurePolicy: "Fail",
      matchConstraints: {
        resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["UPDATE"], resources: ["namespaces"] }],
      },
      matchConditions: [{ name: "label-changes", expression: `(${managed("object")}) != (${managed("oldObject")})` }],
      validations: [
        {
          expression: `${managed("object")} || ${confirmed("object")}`,
          messageExpression:
            `"all pods of namespace " + object.metadata.name + " would leave the market: ` +
            `annotate it with ${optOutAnnotation}=true first, if that is meant"`,
          reason: "Forbidden",
        },
        {
          expression: `!(${managed("object")}) || !(${confirmed("object")})`,
          messageExpression:
            `"namespace " + object.metadata.name + " is annotated with ${optOutAnnotation}=true: ` +
            `remove that before its pods enter the market, so that it guards them again"`,
          reason: "Forbidden",
        },
      ],
    },
  };
}

/** What keeps others from what is the controller's to write, and owners from slips. */
export function guardPolicies(): readonly Json[] {
  return [recordsPolicy(), optOutPolicy()];
}

export function guardBindings(): readonly Json[] {
  return [records, optOut].map((name) => ({
    apiVersion,
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name },
    spec: { policyName: name, validationActions: ["Deny"] },
  }));
}
