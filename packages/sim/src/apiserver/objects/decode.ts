import { apiVersionOf, type ResourceType } from "../resources.ts";
import { badRequest } from "../status.ts";
import { isMap, type KubeObject, type ObjectMeta, plainText } from "./model.ts";

/**
 * A request body as an object of the kind. The built-in kinds take bodies
 * without apiVersion and kind, custom ones do not.
 *
 * @throws ApiFailure 400 where the body is no such object
 */
export function decodeObject(type: ResourceType, body: unknown): KubeObject {
  if (!isMap(body)) throw badRequest(`the object provided is unrecognized (must be of type ${type.kind})`);
  const { apiVersion, kind, metadata, ...rest } = body;
  checkKind(type, { apiVersion, kind });
  return { apiVersion: apiVersionOf(type), kind: type.kind, metadata: decodeMeta(metadata), ...rest };
}

function checkKind(type: ResourceType, { apiVersion, kind }: { apiVersion: unknown; kind: unknown }): void {
  const wanted = apiVersionOf(type);
  if (type.custom && (kind === undefined || apiVersion === undefined)) {
    const missing = kind === undefined ? "Kind" : "apiVersion";
    throw badRequest(
      `the object provided is unrecognized (must be of type ${type.kind}): Object '${missing}' is missing`,
    );
  }
  if (kind !== undefined && kind !== type.kind) {
    throw badRequest(`${plainText(kind)} in version "${type.version}" cannot be handled as a ${type.kind}`);
  }
  if (apiVersion !== undefined && apiVersion !== wanted) {
    throw badRequest(
      `the API version in the data (${plainText(apiVersion)}) does not match the expected API version (${wanted})`,
    );
  }
}

function decodeMeta(metadata: unknown): ObjectMeta {
  if (metadata !== undefined && metadata !== null && !isMap(metadata)) throw badRequest("metadata is no object");
  const entries = Object.entries(metadata ?? {}).filter(([, value]) => value !== null && !isEmpty(value));
  return { name: "", ...Object.fromEntries(entries) };
}

/** Maps and lists of metadata are left out where there is nothing in them. */
function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
