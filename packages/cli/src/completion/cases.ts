import type { Completable } from "./tree.ts";

/** Within single quotes of a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Functions of a POSIX shell that say what may follow a command, and which values a flag has. */
export function caseFunctions(tree: readonly Completable[]): string {
  return `_walras_words() {
  case "$1" in
${wordCases(tree)}  esac
}

# 0: the flag takes a value
_walras_values() {
  case "$1" in
${valueCases(tree)}  esac
  return 1
}
`;
}

/** Branches of a `case "$path"`, one for each command: what may follow it. */
function wordCases(tree: readonly Completable[]): string {
  return tree.map((one) => `    ${pattern(one)}) echo ${quoted(following(one).join(" "))} ;;\n`).join("");
}

/** Branches of a `case "$path $flag"`, one for each flag that has a value: the values that there are. */
function valueCases(tree: readonly Completable[]): string {
  return tree
    .flatMap((one) =>
      one.flags
        .filter(({ takes }) => takes)
        .map(
          ({ names, values }) =>
            `    ${names.map((name) => quoted(`${one.path.join(" ")} ${name}`)).join("|")}) echo ${quoted(values.join(" "))}; return 0 ;;\n`,
        ),
    )
    .join("");
}

function pattern({ path }: Completable): string {
  return quoted(path.join(" "));
}

function following({ words, flags }: Completable): string[] {
  return [...words.map(({ word }) => word), ...flags.flatMap(({ names }) => names)];
}

/** Only commands lead on; values of arguments do not. */
export function pathsOf(tree: readonly Completable[]): string {
  return tree
    .filter(({ path }) => path.length > 0)
    .map((one) => pattern(one))
    .join("|");
}
