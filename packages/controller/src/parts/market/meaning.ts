import { FieldError } from "@walras/kit";

/** What is read, for a schema that complains in its own words; null: it means nothing. */
export function meaningOf<Meaning>(read: () => Meaning): Meaning | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof FieldError) return null;
    throw error;
  }
}
