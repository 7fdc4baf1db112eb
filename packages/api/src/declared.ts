import { errorAt } from "@walras/kit";

import { declaredAnnotation } from "./names.ts";

/** What one container had declared that was sized when its pod was created, and what it was given. */
export interface SizedContainer {
  readonly declaredMilli: number;
  readonly sizedMilli: number;
}

const part = /^([a-z0-9]([-a-z0-9]*[a-z0-9])?)=(\d{1,7})m\/(\d{1,7})m$/;

/**
 * Reads what the admission policy has left behind, by container.
 *
 * @throws FieldError naming the annotation and its value
 */
export function readDeclared(text: string): ReadonlyMap<string, SizedContainer> {
  const found = new Map<string, SizedContainer>();
  for (const one of text.split(",")) {
    const [, name, , declared, sized] = part.exec(one) ?? [];
    if (name === undefined)
      throw errorAt(declaredAnnotation, text, "is not CONTAINER=DECLAREDm/SIZEDm, with commas between");
    if (found.has(name)) throw errorAt(declaredAnnotation, text, `has container ${name} twice`);
    found.set(name, { declaredMilli: Number(declared), sizedMilli: Number(sized) });
  }
  return found;
}
