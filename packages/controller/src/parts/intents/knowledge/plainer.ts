/**
 * MongoDB takes keys with dots, and lists in lists; servers that speak its
 * protocol do not all. For them a dot and a dollar sign are their wide forms,
 * which no name in Kubernetes has, and a list of one list is that list.
 */
export function plainer(value: unknown): unknown {
  if (Array.isArray(value)) {
    const [only] = value as unknown[];
    return value.length === 1 && Array.isArray(only) ? plainer(only) : value.map(plainer);
  }
  return overKeys(value, plainer, (key) => key.replaceAll(".", "．").replace(/^\$/, "＄"));
}

/** What {@link plainer} has changed of keys, back again. */
export function withOwnKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withOwnKeys);
  return overKeys(value, withOwnKeys, (key) => key.replaceAll("．", ".").replace(/^＄/, "$"));
}

function overKeys(value: unknown, ofValue: (value: unknown) => unknown, ofKey: (key: string) => string): unknown {
  // A Date and what else has a prototype of its own is a value.
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [ofKey(key), ofValue(inner)]));
}
