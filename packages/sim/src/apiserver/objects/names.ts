import type { ResourceType } from "../resources.ts";
import { type Cause, invalidValue, requiredField } from "../status.ts";
import type { KubeObject } from "./model.ts";

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const longestName = 253;
const subdomainRule =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const labelRule =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

/** Every wrong field of metadata. */
export function validateMeta(object: KubeObject): readonly Cause[] {
  return [...validateName(object.metadata.name), ...validateLabels(object.metadata.labels ?? {})];
}

function validateName(name: string): readonly Cause[] {
  if (name === "") return [requiredField("metadata.name", "name or generateName is required")];
  if (name.length > longestName)
    return [invalidValue("metadata.name", name, `must be no more than ${longestName} bytes`)];
  return subdomain.test(name) ? [] : [invalidValue("metadata.name", name, subdomainRule)];
}

function validateLabels(labels: Readonly<Record<string, unknown>>): readonly Cause[] {
  return Object.values(labels)
    .filter((value) => typeof value !== "string" || value.length > 63 || !labelValue.test(value))
    .map((value) => invalidValue("metadata.labels", value, labelRule));
}

/** What a change may not touch. */
export function validateMetaUpdate(object: KubeObject, old: KubeObject, type: ResourceType): readonly Cause[] {
  const { uid } = object.metadata;
  const immutable = (field: string, value: unknown): Cause => invalidValue(field, value, "field is immutable");
  return [
    ...(uid !== undefined && uid !== old.metadata.uid ? [immutable("metadata.uid", uid)] : []),
    ...(type.plural === "events" ? [] : validateLabels(object.metadata.labels ?? {})),
  ];
}
