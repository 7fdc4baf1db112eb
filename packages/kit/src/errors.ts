/** What somebody gave us is wrong; trying again will not help. */
export class InputError extends Error {}

/** Input that is wrong in one named place. Its message names the field and the value. */
export class FieldError extends InputError {
  readonly field: string;
  readonly value: unknown;

  constructor(field: string, value: unknown, complaint: string) {
    super(`${field}: ${shown(value)} ${complaint}`);
    this.name = "FieldError";
    this.field = field;
    this.value = value;
  }
}

/** The error for a `value` in `field` that `complaint` tells what is wrong with. */
export function errorAt(field: string, value: unknown, complaint: string): FieldError {
  return new FieldError(field, value, complaint);
}

/** Whatever was thrown, as one line; causes follow their effects. */
export function describeError(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const own = thrown.message || thrown.name;
  return thrown.cause === undefined ? own : `${own}: ${describeError(thrown.cause)}`;
}

const longestShown = 120;

function shown(value: unknown): string {
  const text = typeof value === "number" || value === undefined ? String(value) : JSON.stringify(value);
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
}
