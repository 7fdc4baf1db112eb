import { type ServerContext, timestamp } from "../context.ts";
import { asList, asMap, asText, type JsonMap, type KubeObject } from "../objects/model.ts";
import { badRequest, invalid, invalidValue, notFound } from "../status.ts";
import { defaultAudience, type TokenIdentity, type TokenRegistry } from "../tokens.ts";

const shortestSeconds = 600;
const defaultSeconds = 3600;

/**
 * serviceaccounts/token: a TokenRequest with its token.
 *
 * @throws ApiFailure 404, 409 where the bound object is not there, 422 for a lifetime that is too short
 */
export function requestToken(
  account: KubeObject,
  body: unknown,
  parts: { context: ServerContext; tokens: TokenRegistry },
): JsonMap {
  const spec = asMap(asMap(body)["spec"]);
  const seconds = typeof spec["expirationSeconds"] === "number" ? spec["expirationSeconds"] : defaultSeconds;
  if (seconds < shortestSeconds) {
    throw invalid({ group: "authentication.k8s.io", kind: "TokenRequest", name: "" }, [
      invalidValue("spec.expirationSeconds", seconds, "may not specify a duration less than 10 minutes"),
    ]);
  }
  const given = asList(spec["audiences"]).map(asText);
  const audiences = given.length > 0 ? given : [defaultAudience];
  const bound = boundIdentity(account, asMap(spec["boundObjectRef"]), parts.context);
  const expiresAtMs = parts.context.clock.wallMs() + seconds * 1000;
  const identity = { ...accountIdentity(account), ...bound, audiences, expiresAtMs };
  const token = parts.tokens.issue(identity, claimsOf(identity, account));
  return {
    kind: "TokenRequest",
    apiVersion: "authentication.k8s.io/v1",
    metadata: {
      name: account.metadata.name,
      namespace: account.metadata.namespace,
      creationTimestamp: timestamp(parts.context),
    },
    spec: { audiences, expirationSeconds: seconds, boundObjectRef: spec["boundObjectRef"] ?? null },
    status: { token, expirationTimestamp: timestamp(parts.context, seconds) },
  };
}

function accountIdentity({ metadata }: KubeObject): Pick<TokenIdentity, "username" | "uid" | "groups"> {
  const namespace = metadata.namespace ?? "";
  return {
    username: `system:serviceaccount:${namespace}:${metadata.name}`,
    ...(metadata.uid ? { uid: metadata.uid } : {}),
    groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"],
  };
}

/** A token bound to a pod also names the pod's node, one bound to a node only that. */
function boundIdentity(
  account: KubeObject,
  reference: JsonMap,
  { store }: ServerContext,
): Pick<TokenIdentity, "extra" | "boundTo"> {
  const kind = asText(reference["kind"]);
  if (kind === "") return {};
  const name = asText(reference["name"]);
  const [collection, namespace] =
    kind === "Node"
      ? ["nodes", ""]
      : kind === "Secret"
        ? ["secrets", account.metadata.namespace ?? ""]
        : ["pods", account.metadata.namespace ?? ""];
  const object = store.get(collection, namespace, name);
  if (!object) throw notFound({ group: "", kind: collection, name });
  const uid = object.metadata.uid ?? "";
  if (reference["uid"] !== undefined && reference["uid"] !== uid) {
    throw badRequest(
      `the UID in the bound object reference (${asText(reference["uid"])}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  }
  return { extra: extraOf(kind, object, store), boundTo: { collection, namespace, name, uid } };
}

function extraOf(
  kind: string,
  object: KubeObject,
  store: ServerContext["store"],
): Readonly<Record<string, readonly string[]>> {
  const prefix = "authentication.kubernetes.io";
  const nodeName = kind === "Node" ? object.metadata.name : asText(object.spec?.["nodeName"]);
  const node = nodeName && store.get("nodes", "", nodeName);
  return {
    ...(kind === "Pod"
      ? { [`${prefix}/pod-name`]: [object.metadata.name], [`${prefix}/pod-uid`]: [object.metadata.uid ?? ""] }
      : {}),
    ...(nodeName ? { [`${prefix}/node-name`]: [nodeName] } : {}),
    ...(node ? { [`${prefix}/node-uid`]: [node.metadata.uid ?? ""] } : {}),
  };
}

function claimsOf(identity: TokenIdentity, account: KubeObject): JsonMap {
  return {
    aud: identity.audiences,
    exp: Math.floor((identity.expiresAtMs ?? 0) / 1000),
    iss: defaultAudience,
    sub: identity.username,
    "kubernetes.io": {
      namespace: account.metadata.namespace,
      serviceaccount: { name: account.metadata.name, uid: account.metadata.uid },
    },
  };
}
