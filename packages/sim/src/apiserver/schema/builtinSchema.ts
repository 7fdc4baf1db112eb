import type { FieldSchema, ListKind } from "./fieldSchema.ts";

const byName: ListKind = { type: "map", keys: ["name"] };

/**
 * Keyed lists of the built-in kinds, by field name, as the x-kubernetes-list-*
 * extensions of Kubernetes' OpenAPI document give them. Every other list is atomic.
 */
const lists: Readonly<Record<string, ListKind>> = {
  containers: byName,
  initContainers: byName,
  ephemeralContainers: byName,
  env: byName,
  volumes: byName,
  imagePullSecrets: byName,
  resourceClaims: byName,
  secrets: byName,
  ports: { type: "map", keys: ["containerPort", "protocol"] },
  volumeMounts: { type: "map", keys: ["mountPath"] },
  volumeDevices: { type: "map", keys: ["devicePath"] },
  conditions: { type: "map", keys: ["type"] },
  addresses: { type: "map", keys: ["type"] },
  ownerReferences: { type: "map", keys: ["uid"] },
  podIPs: { type: "map", keys: ["ip"] },
  hostIPs: { type: "map", keys: ["ip"] },
  hostAliases: { type: "map", keys: ["ip"] },
  topologySpreadConstraints: { type: "map", keys: ["topologyKey", "whenUnsatisfiable"] },
  resizePolicy: { type: "atomic" },
  finalizers: { type: "set" },
};

const atomicObjects: ReadonlySet<string> = new Set([
  "nodeSelector",
  "selector",
  "scopeSelector",
  "involvedObject",
  "regarding",
  "fieldRef",
  "secretKeyRef",
  "configMapKeyRef",
]);

const atomicList: ListKind = { type: "atomic" };

class BuiltinField implements FieldSchema {
  readonly list: ListKind;
  readonly atomic: boolean;

  constructor(name: string) {
    this.list = lists[name] ?? atomicList;
    this.atomic = atomicObjects.has(name);
  }

  child(name: string): FieldSchema {
    return fieldNamed(name);
  }

  get item(): FieldSchema {
    return fieldNamed("");
  }
}

const fields = new Map<string, FieldSchema>();

function fieldNamed(name: string): FieldSchema {
  const interned = name in lists || atomicObjects.has(name) ? name : "";
  let field = fields.get(interned);
  if (!field) {
    field = new BuiltinField(interned);
    fields.set(interned, field);
  }
  return field;
}

/** The merge shape of every built-in kind. */
export const builtinSchema: FieldSchema = fieldNamed("");
