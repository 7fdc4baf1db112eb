import { errorAt, InputError } from "@walras/kit";

/** The way to a value in a document: keys and indexes. */
export type Path = readonly (string | number)[];

/** One thing that is wrong in one place of a configuration file. */
export interface Problem {
  readonly file: string;
  /** "windows.allow[1].start"; empty: the whole file. */
  readonly path: string;
  /** From 1; null where the file has no such line. */
  readonly line: number | null;
  readonly value: unknown;
  readonly complaint: string;
}

/** Everything that is wrong in the configuration, a line each. */
export class ReleaseConfigError extends InputError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(describeProblem).join("\n"));
    this.name = "ReleaseConfigError";
    this.problems = problems;
  }
}

/** `carla_policy.yaml:31 windows.allow[1].start: "25:00" is not a time of day (HH:MM)` */
export function describeProblem({ file, path, line, value, complaint }: Problem): string {
  const place = line === null ? file : `${file}:${line}`;
  if (path === "") return `${place} ${complaint}`;
  return `${place} ${value === undefined ? `${path}: ${complaint}` : errorAt(path, value, complaint).message}`;
}

/** A path as people write it: `apps[2].r_i`. Keys that are no words are quoted, as what somebody mistyped may be. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    const word = /^[\w./-]+$/.test(key) ? key : JSON.stringify(key);
    return text === "" ? word : `${text}.${word}`;
  }, "");
}
