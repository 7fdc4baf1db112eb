/** A path under /api or /apis that names a kind. */
export interface ResourceRoute {
  /** "v1" or "group/version" */
  readonly apiVersion: string;
  readonly plural: string;
  /** Undefined for cluster-scoped kinds and for lists across namespaces. */
  readonly namespace: string | undefined;
  /** Undefined for collections. */
  readonly name: string | undefined;
  readonly subresource: string;
}

const namespaceSubresources: ReadonlySet<string> = new Set(["status", "finalize"]);

/** What `path` names; undefined where it is no resource path. */
export function parseRoute(path: string): ResourceRoute | undefined {
  const segments = path.split("/").filter(Boolean).map(decodeURIComponent);
  const [root, ...rest] = segments;
  if (root === "api" && rest.length >= 2) return fromSegments(rest[0] ?? "", rest.slice(1));
  if (root === "apis" && rest.length >= 3) return fromSegments(`${rest[0]}/${rest[1]}`, rest.slice(2));
  return undefined;
}

function fromSegments(apiVersion: string, segments: readonly string[]): ResourceRoute | undefined {
  const [first, namespace, plural] = segments;
  const within = first === "namespaces" && namespace !== undefined && plural !== undefined;
  if (within && !(apiVersion === "v1" && namespaceSubresources.has(plural))) {
    return withName({ apiVersion, namespace, plural }, segments.slice(3));
  }
  return first === undefined
    ? undefined
    : withName({ apiVersion, namespace: undefined, plural: first }, segments.slice(1));
}

function withName(
  place: Pick<ResourceRoute, "apiVersion" | "namespace" | "plural">,
  [name, subresource = "", ...more]: readonly string[],
): ResourceRoute | undefined {
  return more.length > 0 ? undefined : { ...place, name, subresource };
}
