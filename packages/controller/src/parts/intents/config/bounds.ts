import { z } from "zod";

/** The prototype's bound on every text of a configuration. */
const longestText = 100;

export const text = z.string().max(longestText);

/** A whole number within bounds, with the value it has where it is left out. */
export function whole(least: number, most: number, otherwise: number): z.ZodDefault<z.ZodNumber> {
  return z.number().int().min(least).max(most).default(otherwise);
}

export function within(least: number, most: number, otherwise: number): z.ZodDefault<z.ZodNumber> {
  return z.number().min(least).max(most).default(otherwise);
}

/** Something that parses as a URI. */
export const uri = text.refine((value) => URL.canParse(value), { error: "is not a URI" });

/** A port number. */
export function port(otherwise: number): z.ZodDefault<z.ZodNumber> {
  return whole(1, 65_535, otherwise);
}
