/** One operation of RFC 6902. */
export interface Change {
  readonly op: string;
  /** A pointer of RFC 6901. */
  readonly path: string;
  readonly value: unknown;
}

type Container = Record<string, unknown>;

/**
 * Adds or replaces what the path names; other operations are not known here.
 *
 * @throws Error for another operation, a place that is not there, or one to be replaced that is empty
 */
export function change(object: object, { op, path, value }: Change): void {
  if (op !== "add" && op !== "replace") throw new Error(`${op} ${path}: only additions and replacements are known`);
  const keys = path
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  const last = keys.pop() ?? "";
  const place = keys.reduce<unknown>((at, key) => (at as Container | undefined)?.[key], object);
  if (typeof place !== "object" || place === null) throw new Error(`${op} ${path}: there is no such place`);
  if (Array.isArray(place) && last === "-") place.push(structuredClone(value));
  else if (op === "add" && Array.isArray(place)) place.splice(Number(last), 0, structuredClone(value));
  else if (op === "replace" && !Object.hasOwn(place, last)) throw new Error(`replace ${path}: nothing is there`);
  else (place as Container)[last] = structuredClone(value);
}
