import { z } from "zod";

export type Json = Record<string, unknown>;

/** A column of `kubectl get`; those of priority 1 are shown with `-o wide` alone. */
interface PrinterColumn {
  readonly name: string;
  readonly type: "string" | "integer" | "number" | "boolean" | "date";
  readonly jsonPath: string;
  readonly priority?: 1;
}

/** What is peculiar to one kind. */
export interface Definition {
  /** allocation.mbcas.io where not given. */
  readonly group?: string;
  readonly kind: string;
  readonly shortNames: readonly string[];
  /** Names of groups of kinds that `kubectl get` knows it by. */
  readonly categories?: readonly string[];
  readonly description: string;
  readonly columns: readonly PrinterColumn[];
  readonly spec: Json;
  /** Written by itself, as a subresource; not where the kind has none. */
  readonly status?: Json;
}

const allocationGroup = "allocation.mbcas.io";
const version = "v1alpha1";

/** Where a kind is served. */
export function resourceOf(
  kind: string,
  group = allocationGroup,
): {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
} {
  return { apiVersion: `${group}/${version}`, kind, plural: `${kind.toLowerCase()}s`, namespaced: true };
}

/** The namespaced CustomResourceDefinition. */
export function definitionOf({
  group = allocationGroup,
  kind,
  shortNames,
  categories,
  description,
  columns,
  spec,
  status,
}: Definition): Json {
  const singular = kind.toLowerCase();
  const { plural } = resourceOf(kind, group);
  const ownMetadata = { apiVersion: { type: "string" }, kind: { type: "string" }, metadata: { type: "object" } };
  const properties = { ...ownMetadata, spec, ...(status && { status }) };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind, listKind: `${kind}List`, plural, singular, shortNames, ...(categories && { categories }) },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          ...(status && { subresources: { status: {} } }),
          additionalPrinterColumns: columns,
          schema: { openAPIV3Schema: { type: "object", description, required: ["spec"], properties } },
        },
      ],
    },
  };
}

/** A zod schema as the structural OpenAPI v3 subset that a CRD takes. */
export function structural(source: z.ZodType): Json {
  return trimmed(z.toJSONSchema(source, { target: "openapi-3.0", io: "input" })) as Json;
}

const unsupported = new Set(["$schema", "propertyNames", "$id"]);

/**
 * What zod adds that says nothing to the API server: the pattern behind a known format, the bounds of safe integers,
 * and that an object has no other keys, which are pruned anyway.
 */
function isNoise(key: string, inner: unknown, format: unknown): boolean {
  if (key === "additionalProperties") return typeof inner !== "object";
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
