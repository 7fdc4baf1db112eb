import { isMap, type KubeObject, valueAt } from "../objects/model.ts";
import { badRequest } from "../status.ts";

const layout = "2006-01-02T15:04:05.000000Z07:00";
const microTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}(Z|[+-]\d{2}:\d{2})$/;

/**
 * Checks the fields of type MicroTime: exactly six fractional digits.
 *
 * @throws ApiFailure 400, as the decoder of the real server refuses
 */
export function checkMicroTimes(paths: readonly (readonly string[])[]): (object: KubeObject) => void {
  return (object) => {
    for (const path of paths) checkOne(object, valueAt(object, path));
  };
}

function checkOne({ kind, apiVersion }: KubeObject, value: unknown): void {
  if (value === undefined || value === null || (typeof value === "string" && microTime.test(value))) return;
  const version = apiVersion.split("/").at(-1);
  const complaint = `parsing time ${JSON.stringify(value)} as "${layout}": cannot parse ${JSON.stringify(rest(value))} as ".000000"`;
  throw badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${complaint}`);
}

function rest(value: unknown): unknown {
  if (typeof value !== "string" || isMap(value)) return value;
  return value.replace(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/, "");
}
