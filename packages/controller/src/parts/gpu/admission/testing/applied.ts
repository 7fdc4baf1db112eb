import type { PatchStep } from "../decide/variables.ts";

/** What the API server makes of a patch of ours: RFC 6902's add and remove, on a copy. */
export function applied(document: unknown, patch: readonly PatchStep[]): unknown {
  const result = structuredClone(document);
  for (const { op, path, value } of patch) {
    const keys = path
      .slice(1)
      .split("/")
      .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
    const last = keys.pop() ?? "";
    const parent = keys.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], result);
    if (op === "remove") delete (parent as Record<string, unknown>)[last];
    else if (Array.isArray(parent)) parent.splice(Number(last), 0, value);
    else (parent as Record<string, unknown>)[last] = value;
  }
  return result;
}
