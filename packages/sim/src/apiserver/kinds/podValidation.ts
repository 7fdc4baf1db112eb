import { asText, type JsonMap, type KubeObject, without } from "../objects/model.ts";
import { sameJson } from "../objects/equality.ts";
import { type Cause, duplicateField, forbiddenField, invalidValue, requiredField } from "../status.ts";
import { validateResize } from "../admission/resize.ts";
import { amountsOf, containersOf, initContainersOf } from "./podResources.ts";

const mutableFields =
  "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/** Every wrong field of a pod, and every change that its subresource does not allow. */
export function validatePod(pod: KubeObject, old: KubeObject | undefined, subresource: string): readonly Cause[] {
  if (subresource === "status") return [];
  const causes = validateSpec(pod);
  if (!old) return causes;
  if (subresource === "resize") return [...causes, ...validateResize(pod, old)];
  return subresource === "" ? [...causes, ...validateUpdate(pod, old)] : causes;
}

function validateSpec(pod: KubeObject): readonly Cause[] {
  const containers = containersOf(pod);
  const none = containers.length === 0 ? [requiredField("spec.containers")] : [];
  return [
    ...none,
    ...validateContainers(initContainersOf(pod), "spec.initContainers"),
    ...validateContainers(containers, "spec.containers"),
  ];
}

function validateContainers(containers: readonly JsonMap[], field: string): readonly Cause[] {
  const seen = new Set<string>();
  return containers.flatMap((container, index) => {
    const at = `${field}[${index}]`;
    const name = asText(container["name"]);
    const twice = name !== "" && seen.has(name) ? [duplicateField(`${at}.name`, name)] : [];
    seen.add(name);
    return [...twice, ...validateContainer(container, at)];
  });
}

function validateContainer(container: JsonMap, at: string): readonly Cause[] {
  return [
    ...(asText(container["name"]) ? [] : [requiredField(`${at}.name`)]),
    ...(asText(container["image"]) ? [] : [requiredField(`${at}.image`)]),
    ...validateResources(container, `${at}.resources`),
  ];
}

function validateResources(container: JsonMap, at: string): readonly Cause[] {
  const limits = amountsOf(container, "limits");
  const requests = amountsOf(container, "requests");
  const shown = (container["resources"] ?? {}) as Record<string, Record<string, string> | undefined>;
  const negative = (["limits", "requests"] as const).flatMap((side) =>
    [...(side === "limits" ? limits : requests)]
      .filter(([, amount]) => amount < 0)
      .map(([name]) =>
        invalidValue(`${at}.${side}[${name}]`, shown[side]?.[name], "must be greater than or equal to 0"),
      ),
  );
  const above = [...requests]
    .filter(([name, amount]) => amount > (limits.get(name) ?? Infinity))
    .map(([name]) => {
      const why = `must be less than or equal to ${name} limit of ${shown["limits"]?.[name]}`;
      return invalidValue(`${at}.requests`, shown["requests"]?.[name], why);
    });
  return [...negative, ...above];
}

function validateUpdate(pod: KubeObject, old: KubeObject): readonly Cause[] {
  const same = sameJson(immutablePart(pod.spec ?? {}), immutablePart(old.spec ?? {}));
  return same ? [] : [forbiddenField("spec", mutableFields)];
}

function immutablePart(spec: JsonMap): JsonMap {
  const rest = without(
    spec,
    "activeDeadlineSeconds",
    "tolerations",
    "terminationGracePeriodSeconds",
    "schedulingGates",
  );
  const imageless = (list: unknown): unknown =>
    Array.isArray(list) ? list.map((container) => without(container as JsonMap, "image")) : list;
  return { ...rest, containers: imageless(spec["containers"]), initContainers: imageless(spec["initContainers"]) };
}
