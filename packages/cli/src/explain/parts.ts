import type { Explanation } from "@walras/api";
import { parseCpu } from "@walras/kit";
import type { ObjectName, Resource } from "@walras/kube";

export type Numbered = Explanation["numbers"][number];
export type Reason = Explanation["reasons"][number];
export type Source = Explanation["sources"][number];

/** @param value undefined: not known */
export function numberOf(name: string, value: number | null | undefined, unit: string, made: string): Numbered {
  return { name, value: value ?? null, unit, made };
}

/** A CPU quantity of an object, in millicores. @throws FieldError */
export function cpuNumber(name: string, text: string | undefined, made: string): Numbered {
  return numberOf(name, text === undefined ? null : parseCpu(text, made), "m", made);
}

/** @param path the field that says it */
export function sourceOf({ apiVersion, kind }: Resource, { namespace, name }: ObjectName, path?: string): Source {
  return { apiVersion, kind, ...(namespace !== "" && { namespace }), name, ...(path !== undefined && { path }) };
}

/** What is said where Events may not be read. */
export const unreadEvents = "Events: these credentials may not list them";

/** The longest sentence that the schema takes. */
export function cut(text: string, most = 1024): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
