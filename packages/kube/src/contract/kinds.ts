import type { Resource } from "../port.ts";
import { definitions, eventually, type Scratch } from "./scratch.ts";

/** Declares a kind of custom resource with a status, and waits until it is served. */
export async function declareKind(scratch: Scratch, kind: string, openAPIV3Schema: object): Promise<Resource> {
  const group = `${scratch.namespace}.example.com`;
  const plural = `${kind.toLowerCase()}s`;
  const names = { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List` };
  const version = {
    name: "v1",
    served: true,
    storage: true,
    schema: { openAPIV3Schema },
    subresources: { status: {} },
  };
  await scratch.create(definitions, {
    metadata: { name: `${plural}.${group}` },
    spec: { group, scope: "Namespaced", names, versions: [version] },
  });
  const resource = { apiVersion: `${group}/v1`, kind, plural, namespaced: true };
  await eventually(() => scratch.list(resource));
  return resource;
}

/** An object of anything. */
export const anySchema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };

const gadgetSpec = {
  type: "object",
  required: ["size"],
  properties: {
    size: { type: "integer", minimum: 1, maximum: 100 },
    mode: { type: "string", enum: ["off", "on"], default: "off" },
    label: { type: "string", pattern: "^[a-z]+$" },
    fixed: {
      type: "string",
      "x-kubernetes-validations": [{ rule: "self == oldSelf", message: "fixed is immutable" }],
    },
  },
  "x-kubernetes-validations": [
    { rule: "self.mode == 'off' || self.size >= 10", message: "a gadget that is on has size 10 or more" },
  ],
};

const gadgetStatus = {
  type: "object",
  properties: {
    seen: { type: "integer" },
    conditions: {
      type: "array",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["type"],
      items: {
        type: "object",
        required: ["type"],
        properties: { type: { type: "string" }, status: { type: "string" } },
      },
    },
  },
};

/** Bounds, defaults, rules of one moment and of change, and conditions merged by type. */
export const gadgetSchema = { type: "object", properties: { spec: gadgetSpec, status: gadgetStatus } };
