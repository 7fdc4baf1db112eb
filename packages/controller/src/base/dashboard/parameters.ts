import { errorAt } from "@walras/kit";

/** Names of objects, as the API server allows them (RFC 1123); a key of an explanation has a dot and capitals beside. */
const patterns = {
  name: /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/,
  namespace: /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
  key: /^[A-Za-z]{1,40}\.[A-Za-z]{1,60}$/,
} as const;

type Parameter = keyof typeof patterns;

/** @throws FieldError naming the parameter and its value */
export function parameter(parameters: unknown, field: Parameter): string {
  const value = (parameters as Readonly<Record<string, unknown>>)[field];
  if (typeof value === "string" && patterns[field].test(value)) return value;
  throw errorAt(field, value, `is no ${field === "key" ? "key of an explanation" : "name of Kubernetes"}`);
}
