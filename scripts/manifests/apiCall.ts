/** A call of the Kubernetes API as RBAC sees it. */
export interface ApiCall {
  readonly verb: string;
  /** `pods/resize`, `nodes.metrics.k8s.io`: the plural, its group but for the core's, and the subresource. */
  readonly resource: string;
  /** undefined: of the cluster, or of all namespaces. */
  readonly namespace: string | undefined;
}

const verbs: Readonly<Record<string, { readonly one: string; readonly all: string }>> = {
  GET: { one: "get", all: "list" },
  POST: { one: "create", all: "create" },
  PUT: { one: "update", all: "update" },
  PATCH: { one: "patch", all: "patch" },
  DELETE: { one: "delete", all: "deletecollection" },
};

/**
 * Reads a request line as the API server does (staging/src/k8s.io/apiserver/pkg/endpoints/request/requestinfo.go).
 *
 * @param target path and query
 * @returns undefined for what is no resource, such as /version and the lists of what is served
 */
export function apiCall(method: string, target: string): ApiCall | undefined {
  const { pathname, searchParams } = new URL(target, "http://api");
  const { group, rest } = split(pathname);
  const { namespace, plural, name, subresource } = within(rest);
  if (plural === undefined) return undefined;
  const verb = verbs[method]?.[name === undefined ? "all" : "one"] ?? method;
  const watches = verb === "list" && ["true", "1"].includes(searchParams.get("watch") ?? "");
  return { verb: watches ? "watch" : verb, resource: resourceName(plural, group, subresource), namespace };
}

/** `podallocations.allocation.mbcas.io/status`; the core group has no name. */
export function resourceName(plural: string, group: string, subresource?: string): string {
  const grouped = group === "" ? plural : `${plural}.${group}`;
  return subresource === undefined ? grouped : `${grouped}/${subresource}`;
}

function split(pathname: string): { readonly group: string; readonly rest: readonly string[] } {
  const [root, ...parts] = pathname.split("/").filter((part) => part !== "");
  if (root === "api") return { group: "", rest: parts.slice(1) };
  if (root === "apis") return { group: parts[0] ?? "", rest: parts.slice(2) };
  return { group: "", rest: [] };
}

function within(rest: readonly string[]): {
  readonly namespace?: string | undefined;
  readonly plural?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
} {
  if (rest[0] !== "namespaces" || rest.length < 3) return { plural: rest[0], name: rest[1], subresource: rest[2] };
  return { namespace: rest[1], plural: rest[2], name: rest[3], subresource: rest[4] };
}
