import { asMap, asText, isMap, plainText, type JsonMap, type KubeObject, mapsOf, valueAt } from "../objects/model.ts";
import type { KindRules, ResourceType, ScalePaths } from "../resources.ts";
import type { Cause } from "../status.ts";
import { validateRules } from "./cel.ts";
import { jsonPathReader } from "./jsonPath.ts";
import { CustomField, type JsonSchema } from "./jsonSchema.ts";
import { prune, withDefaults } from "./structure.ts";
import { validateStructure } from "./validate.ts";

interface DefinedNames {
  readonly plural: string;
  readonly singular?: string;
  readonly kind: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}

interface DefinedColumn {
  readonly name: string;
  readonly type: string;
  readonly priority?: number;
  readonly jsonPath: string;
}

interface DefinedVersion {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly schema?: { readonly openAPIV3Schema?: JsonSchema };
  readonly subresources?: { readonly status?: JsonMap; readonly scale?: JsonMap };
  readonly additionalPrinterColumns?: readonly DefinedColumn[];
  readonly selectableFields?: readonly { readonly jsonPath: string }[];
}

/** The kinds that a CustomResourceDefinition adds: one for each served version. */
export function typesOf(definition: KubeObject): readonly ResourceType[] {
  const versions = mapsOf(definition.spec?.["versions"]) as unknown as readonly DefinedVersion[];
  return versions.filter(({ served }) => served).map((version) => typeOf(definition, version));
}

function typeOf(definition: KubeObject, version: DefinedVersion): ResourceType {
  const group = asText(definition.spec?.["group"]);
  const names = namesOf(definition);
  const schema = version.schema?.openAPIV3Schema ?? { "x-kubernetes-preserve-unknown-fields": true };
  const apiVersion = `${group}/${version.name}`;
  return {
    ...names,
    ...subresourcesOf(version),
    group,
    version: version.name,
    namespaced: definition.spec?.["scope"] !== "Cluster",
    generation: true,
    unconditionalUpdate: false,
    custom: true,
    schema: new CustomField(schema, true),
    rules: rulesOf(schema),
    fields: selectable(version),
    ...columnsOf(version),
    collection: `${names.plural}.${group}`,
    view: (stored) => (stored.apiVersion === apiVersion ? stored : { ...stored, apiVersion }),
  };
}

function namesOf(definition: KubeObject): Required<Pick<ResourceType, keyof DefinedNames>> {
  const { plural, kind, singular, shortNames, categories } = asMap(definition.spec)["names"] as DefinedNames;
  return {
    plural,
    kind,
    singular: singular ?? kind.toLowerCase(),
    shortNames: shortNames ?? [],
    categories: categories ?? [],
  };
}

function subresourcesOf(version: DefinedVersion): Pick<ResourceType, "subresources" | "scale"> {
  const scale = scaleOf(version);
  const subresources = [...(version.subresources?.status ? ["status"] : []), ...(scale ? ["scale"] : [])];
  return { subresources, ...(scale ? { scale } : {}) };
}

function rulesOf(schema: JsonSchema): KindRules {
  return {
    normalise: (object) => shaped(object, schema),
    validate: (object, old) => complaints(object, old, schema),
  };
}

/** Pruned and defaulted; identity and metadata are not the schema's business. */
function shaped(object: KubeObject, schema: JsonSchema): KubeObject {
  const { apiVersion, kind, metadata, ...content } = object;
  const full = withDefaults(prune(content, schema), schema) as JsonMap;
  const { apiVersion: _version, kind: _kind, metadata: _metadata, ...rest } = full;
  return { apiVersion, kind, metadata, ...rest };
}

const unchecked: Cause = {
  reason: "FieldValueInvalid",
  message:
    "Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation",
  field: "<nil>",
};

const blocking: ReadonlySet<string> = new Set([
  "FieldValueRequired",
  "FieldValueTypeInvalid",
  "FieldValueNotSupported",
  "FieldValueTooMany",
]);

function complaints(object: KubeObject, old: KubeObject | undefined, schema: JsonSchema): readonly Cause[] {
  const structural = validateStructure(object, schema, "");
  if (structural.some(({ reason }) => blocking.has(reason ?? ""))) return [...structural, unchecked];
  return [...structural, ...validateRules({ value: object, old, path: "" }, schema)];
}

function scaleOf({ subresources }: DefinedVersion): ScalePaths | undefined {
  const scale = subresources?.scale;
  if (!isMap(scale)) return undefined;
  const path = (name: string): readonly string[] => asText(scale[name]).split(".").filter(Boolean);
  const selector = path("labelSelectorPath");
  return {
    specReplicas: path("specReplicasPath"),
    statusReplicas: path("statusReplicasPath"),
    ...(selector.length > 0 ? { selector } : {}),
  };
}

function columnsOf({ additionalPrinterColumns: columns }: DefinedVersion): Pick<ResourceType, "columns"> {
  if (!columns) return {};
  return { columns: columns.map(({ jsonPath, ...column }) => ({ ...column, read: jsonPathReader(jsonPath) })) };
}

function selectable({ selectableFields = [] }: DefinedVersion): ResourceType["fields"] {
  const entries = selectableFields.map(({ jsonPath }) => {
    const path = jsonPath.split(".").filter(Boolean);
    return [path.join("."), (object: KubeObject) => plainText(valueAt(object, path))] as const;
  });
  return Object.fromEntries(entries);
}

/** The status of a definition whose kinds are being served. */
export function servedStatus(definition: KubeObject, time: string): JsonMap {
  const condition = (type: string, reason: string, message: string): JsonMap => ({
    type,
    status: "True",
    lastTransitionTime: time,
    reason,
    message,
  });
  const versions = mapsOf(definition.spec?.["versions"]);
  return {
    conditions: [
      condition("NamesAccepted", "NoConflicts", "no conflicts found"),
      condition("Established", "InitialNamesAccepted", "the initial names have been accepted"),
    ],
    acceptedNames: definition.spec?.["names"],
    storedVersions: versions.filter((version) => version["storage"] === true).map((version) => version["name"]),
  };
}
