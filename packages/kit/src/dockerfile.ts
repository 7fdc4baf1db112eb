import { readFileSync } from "node:fs";

/** What a Dockerfile takes from its build stage: files and folders, and where they go. */
export interface Copied {
  readonly from: readonly string[];
  /** A folder where it ends in a slash, or where several are copied. */
  readonly to: string;
}

/** The last stage of a Dockerfile, as far as ours go. */
export interface ImageRecipe {
  readonly copies: readonly Copied[];
  readonly entrypoint: readonly string[];
  /** UID:GID. */
  readonly user: string;
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

/** @throws Error where it has no ENTRYPOINT in the form of a list, or no USER by number */
export function readDockerfile(file: string): ImageRecipe {
  return parseDockerfile(readFileSync(file, "utf8"), file);
}

/** @param file told in errors */
export function parseDockerfile(text: string, file: string): ImageRecipe {
  const lines = lastStage(text);
  const of = (instruction: string): readonly string[] =>
    lines.flatMap((line) => (line.startsWith(`${instruction} `) ? [line.slice(instruction.length + 1).trim()] : []));
  const list = of("ENTRYPOINT").find((value) => value.startsWith("["));
  if (list === undefined) throw new Error(`${file} has no ENTRYPOINT ["…"]`);
  const user = of("USER").find((value) => /^\d+:\d+$/.test(value));
  if (user === undefined) throw new Error(`${file} has no USER UID:GID`);
  return {
    copies: of("COPY").map((value) => copied(value, file)),
    entrypoint: JSON.parse(list) as readonly string[],
    user,
    env: Object.fromEntries(of("ENV").flatMap(assignments)),
    labels: Object.fromEntries(of("LABEL").flatMap(assignments)),
  };
}

/** Instructions after the last FROM, each on one line. */
function lastStage(text: string): readonly string[] {
  const lines = text.replaceAll(/\\\n\s*/g, "").split("\n");
  return lines.slice(lines.findLastIndex((line) => line.startsWith("FROM ")) + 1);
}

function copied(value: string, file: string): Copied {
  const [stage, ...paths] = value.split(/\s+/);
  const to = paths.pop();
  if (stage !== "--from=build" || to === undefined || paths.length === 0)
    throw new Error(`${file} copies from elsewhere than the stage build: COPY ${value}`);
  return { from: paths, to };
}

/** `a=b c="d e"` */
function assignments(value: string): readonly (readonly [string, string])[] {
  return [...value.matchAll(/([\w.-]+)=(?:"([^"]*)"|(\S*))/g)].map(([, key = "", quoted, plain]) => [
    key,
    quoted ?? plain ?? "",
  ]);
}
