import { builtinSchema } from "../schema/builtinSchema.ts";
import type { FieldSchema, ListKind } from "../schema/fieldSchema.ts";

/** One x-kubernetes-validations rule. */
export interface ValidationRule {
  readonly rule: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: string;
  readonly fieldPath?: string;
  readonly optionalOldSelf?: boolean;
}

/** A structural schema, as far as it is used. */
export interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly nullable?: boolean;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly multipleOf?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly allOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly not?: JsonSchema;
  readonly "x-kubernetes-int-or-string"?: boolean;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
  readonly "x-kubernetes-embedded-resource"?: boolean;
  readonly "x-kubernetes-list-type"?: "atomic" | "set" | "map";
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
  readonly "x-kubernetes-map-type"?: "granular" | "atomic";
  readonly "x-kubernetes-validations"?: readonly ValidationRule[];
}

/** How the elements of a list of this schema are told apart. */
export function listKindOf(schema: JsonSchema): ListKind {
  const type = schema["x-kubernetes-list-type"];
  if (type === "map") return { type, keys: schema["x-kubernetes-list-map-keys"] ?? [] };
  return { type: type ?? "atomic" };
}

const nothing: JsonSchema = {};

/** The merge shape of a structural schema. */
export class CustomField implements FieldSchema {
  readonly list: ListKind;
  readonly atomic: boolean;
  readonly #schema: JsonSchema;
  readonly #root: boolean;

  constructor(schema: JsonSchema, root = false) {
    this.#schema = schema;
    this.#root = root;
    this.list = listKindOf(schema);
    this.atomic = schema["x-kubernetes-map-type"] === "atomic";
  }

  child(name: string): FieldSchema {
    if (this.#root && name === "metadata") return builtinSchema;
    return new CustomField(memberSchema(this.#schema, name) ?? nothing);
  }

  get item(): FieldSchema {
    return new CustomField(this.#schema.items ?? nothing);
  }
}

/** The schema of the member `name`; undefined where it is not specified. */
export function memberSchema(schema: JsonSchema, name: string): JsonSchema | undefined {
  const own = schema.properties && Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
  if (own) return own;
  return typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;
}
