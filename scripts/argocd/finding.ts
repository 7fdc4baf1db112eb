/** What is wrong in a file. */
export interface Finding {
  readonly file: string;
  /** As jq would: `spec.template.spec.project`. */
  readonly field: string;
  readonly value: unknown;
  /** Goes on from the value: "is not ...". */
  readonly complaint: string;
}

const longestShown = 120;

/** One line: file, field, value, and what is wrong. */
export function shown({ file, field, value, complaint }: Finding): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return `${file}: ${field}: ${text.length > longestShown ? `${text.slice(0, longestShown)}…` : text} ${complaint}`;
}

/** Findings of one place each, in one file. */
export type Complain = (field: string, value: unknown, complaint: string) => Finding;

export function complainOf(file: string): Complain {
  return (field, value, complaint) => ({ file, field, value, complaint });
}
