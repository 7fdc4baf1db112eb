import type { Catalogue } from "./catalogue.ts";
import { type ApiAnswer, jsonAnswer, textAnswer } from "./exchange.ts";
import { answerOpenApi } from "./openApi.ts";
import { apiVersionOf, type ResourceType } from "./resources.ts";

/** The release whose behaviour is imitated. */
const release = { major: "1", minor: "36", gitVersion: "v1.36.3" };

const verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
const health: ReadonlySet<string> = new Set(["/readyz", "/healthz", "/livez"]);

/** The answer to a path that names no kind: discovery, version, health; undefined where there is none. */
export function answerDiscovery(path: string, catalogue: Catalogue): ApiAnswer | undefined {
  const trimmed = path.length > 1 ? path.replace(/\/+$/, "") : path;
  if (health.has(trimmed)) return textAnswer(200, "ok");
  if (trimmed.startsWith("/openapi/v3")) return answerOpenApi(trimmed, catalogue);
  const value = documentAt(trimmed, catalogue);
  return value && jsonAnswer(200, value);
}

function documentAt(path: string, catalogue: Catalogue): object | undefined {
  if (path === "/version") return versionInfo();
  if (path === "/api") return { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] };
  if (path === "/apis") return { kind: "APIGroupList", apiVersion: "v1", groups: groupsOf(catalogue) };
  const groupVersion = /^\/(?:api\/([^/]+)|apis\/([^/]+\/[^/]+))$/.exec(path);
  if (groupVersion) return resourceList(groupVersion[1] ?? groupVersion[2] ?? "", catalogue);
  const group = /^\/apis\/([^/]+)$/.exec(path)?.[1];
  return group === undefined ? undefined : oneGroup(group, catalogue);
}

function versionInfo(): object {
  const build = { gitCommit: "0".repeat(40), gitTreeState: "clean", buildDate: "2026-01-01T00:00:00Z" };
  return { ...release, ...build, goVersion: "none", compiler: "none", platform: "simulated" };
}

function groupsOf(catalogue: Catalogue): readonly { name: string }[] {
  const names = new Set(
    catalogue
      .all()
      .map(({ group }) => group)
      .filter(Boolean),
  );
  return [...names].map((name) => groupOf(name, catalogue));
}

function groupOf(name: string, catalogue: Catalogue): { name: string } {
  const versions = [
    ...new Set(
      catalogue
        .all()
        .filter(({ group }) => group === name)
        .map(({ version }) => version),
    ),
  ];
  const listed = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  const group = { name, versions: listed, preferredVersion: listed[0] };
  return group;
}

function oneGroup(name: string, catalogue: Catalogue): object | undefined {
  if (!catalogue.all().some(({ group }) => group === name)) return undefined;
  return { kind: "APIGroup", apiVersion: "v1", ...groupOf(name, catalogue) };
}

function resourceList(groupVersion: string, catalogue: Catalogue): object | undefined {
  const types = catalogue.all().filter((type) => apiVersionOf(type) === groupVersion);
  if (types.length === 0) return undefined;
  const resources = types.flatMap((type) => [
    resourceOf(type),
    ...type.subresources.map((name) => subresourceOf(type, name)),
  ]);
  return { kind: "APIResourceList", apiVersion: "v1", groupVersion, resources };
}

function resourceOf({ plural, singular, namespaced, kind, shortNames, categories, ephemeral }: ResourceType): object {
  return {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs: ephemeral ? ["create"] : verbs,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
  };
}

const subresourceKinds: Readonly<Record<string, object>> = {
  scale: { group: "autoscaling", version: "v1", kind: "Scale", verbs: ["get", "patch", "update"] },
  binding: { kind: "Binding", verbs: ["create"] },
  eviction: { group: "policy", version: "v1", kind: "Eviction", verbs: ["create"] },
  token: { group: "authentication.k8s.io", version: "v1", kind: "TokenRequest", verbs: ["create"] },
};

function subresourceOf({ plural, namespaced, kind }: ResourceType, name: string): object {
  const common = { name: `${plural}/${name}`, singularName: "", namespaced, kind, verbs: ["get", "patch", "update"] };
  return { ...common, ...subresourceKinds[name] };
}
