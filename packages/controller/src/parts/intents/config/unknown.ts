/**
 * Keys of an input that its reading left out: nobody knows them.
 *
 * @param read what the schema made of it, which holds every key that it knows and the input has
 */
export function unknownKeys(input: unknown, read: unknown, path = ""): string[] {
  if (!isRecord(input)) return [];
  return Object.entries(input).flatMap(([key, value]) => {
    const place = path === "" ? key : `${path}.${key}`;
    if (!isRecord(read) || !Object.hasOwn(read, key)) return [place];
    return unknownKeys(value, read[key], place);
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
