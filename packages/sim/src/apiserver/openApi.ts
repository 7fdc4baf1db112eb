import type { Catalogue } from "./catalogue.ts";
import { type ApiAnswer, jsonAnswer } from "./exchange.ts";
import { apiVersionOf, type ResourceType } from "./resources.ts";

const info = { title: "Kubernetes", version: "v1.36.3" };

/**
 * As much of /openapi/v3 as kubectl needs before it applies: which kinds the
 * server validates itself.
 */
export function answerOpenApi(path: string, catalogue: Catalogue): ApiAnswer | undefined {
  const versions = [...new Set(catalogue.all().map(apiVersionOf))];
  if (path === "/openapi/v3") return jsonAnswer(200, { paths: Object.fromEntries(versions.map(indexEntry)) });
  const version = versions.find((name) => path === `/openapi/v3/${rootOf(name)}`);
  if (version === undefined) return undefined;
  const types = catalogue.all().filter((type) => apiVersionOf(type) === version);
  const paths = Object.fromEntries(types.map(pathOf));
  return jsonAnswer(200, { openapi: "3.0.0", info, paths, components: { schemas: {} } });
}

function rootOf(apiVersion: string): string {
  return apiVersion.includes("/") ? `apis/${apiVersion}` : `api/${apiVersion}`;
}

function indexEntry(apiVersion: string): readonly [string, object] {
  const root = rootOf(apiVersion);
  return [root, { serverRelativeURL: `/openapi/v3/${root}?hash=1` }];
}

function pathOf(type: ResourceType): readonly [string, object] {
  const place = type.namespaced ? "namespaces/{namespace}/" : "";
  const { group, version, kind } = type;
  const patch = {
    parameters: [{ name: "fieldValidation", in: "query", schema: { type: "string" } }],
    responses: {},
    "x-kubernetes-group-version-kind": { group, version, kind },
  };
  return [`/${rootOf(apiVersionOf(type))}/${place}${type.plural}/{name}`, { patch }];
}
