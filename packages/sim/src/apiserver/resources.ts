import type { KubeObject } from "./objects/model.ts";
import type { FieldSchema } from "./schema/fieldSchema.ts";
import type { Cause } from "./status.ts";

/** A field selector's key and how its value is read. */
export type SelectableFields = Readonly<Record<string, (object: KubeObject) => string>>;

/** One column of a Table. */
export interface PrinterColumn {
  readonly name: string;
  /** string, integer, number, boolean or date */
  readonly type: string;
  /** Above 0 only in wide output. */
  readonly priority?: number;
  readonly read: (object: KubeObject) => unknown;
}

/** Where the scale subresource finds its numbers. */
export interface ScalePaths {
  readonly specReplicas: readonly string[];
  readonly statusReplicas: readonly string[];
  /** Of a label selector, as text or as a LabelSelector object. */
  readonly selector?: readonly string[];
}

/** What a kind adds to the common handling of writes. All of it is pure. */
export interface KindRules {
  /** Defaults and canonical forms, on create and after every change. */
  readonly normalise?: (object: KubeObject) => KubeObject;
  /** Last touch to a new object: initial status. */
  readonly onCreate?: (object: KubeObject) => KubeObject;
  /** Every wrong field of `object`; `old` on updates. */
  readonly validate?: (object: KubeObject, old: KubeObject | undefined, subresource: string) => readonly Cause[];
  /** Throws ApiFailure 400 where the body cannot even be decoded. */
  readonly decode?: (object: KubeObject) => void;
}

/** A served kind: where its endpoints are and how its objects behave. */
export interface ResourceType {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  /** status, scale, resize, binding, eviction, token */
  readonly subresources: readonly string[];
  /** Whether metadata.generation is kept. */
  readonly generation: boolean;
  /** PUT without resourceVersion is allowed. */
  readonly unconditionalUpdate: boolean;
  readonly custom: boolean;
  readonly schema: FieldSchema;
  readonly rules: KindRules;
  readonly fields: SelectableFields;
  /** What kubectl get shows between the name and the end; name and age where not given. */
  readonly columns?: readonly PrinterColumn[];
  readonly scale?: ScalePaths;
  /** Reviews are answered, never stored. */
  readonly ephemeral?: boolean;
  /** Which stored collection this kind is a view of; kinds with the same one share objects. */
  readonly collection: string;
  /** From the stored form to this kind's. */
  readonly view?: (stored: KubeObject) => KubeObject;
  /** From this kind's form to the stored one. */
  readonly store?: (object: KubeObject) => KubeObject;
}

/** "v1" or "group/version". */
export function apiVersionOf(type: Pick<ResourceType, "group" | "version">): string {
  return type.group ? `${type.group}/${type.version}` : type.version;
}

/** The plural, its group and the object's name, as NotFound and Conflict name their target. */
export function pluralTarget(type: ResourceType, name: string): { group: string; kind: string; name: string } {
  return { group: type.group, kind: type.plural, name };
}

/** The Kind, its group and the object's name, as Invalid names its target. */
export function kindTarget(type: ResourceType, name: string): { group: string; kind: string; name: string } {
  return { group: type.group, kind: type.kind, name };
}
