import { isMap, type JsonMap } from "./model.ts";

/** Whether two JSON values are the same; shared subtrees are compared by identity first. */
export function sameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (Array.isArray(left)) return Array.isArray(right) && sameList(left, right);
  return isMap(left) && isMap(right) && sameMap(left, right);
}

function sameList(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && left.every((value, index) => sameJson(value, right[index]));
}

function sameMap(left: JsonMap, right: JsonMap): boolean {
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => Object.hasOwn(right, key) && sameJson(left[key], right[key]));
}

/** Freezes `value` all the way down; stops at what is frozen already, so shared subtrees cost nothing. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
  return value;
}

const texts = new WeakMap<object, string>();

/** The JSON of a frozen `object`, made once and shared by lists and watchers. */
export function jsonOf(object: object): string {
  const known = texts.get(object);
  if (known !== undefined) return known;
  const text = JSON.stringify(object);
  texts.set(object, text);
  return text;
}
