import type { Completable, Flag } from "./tree.ts";

/** For fish 3: a file walras.fish in ~/.config/fish/completions. */
export function fishScript(tree: readonly Completable[]): string {
  return `# walras completion fish: write it to ~/.config/fish/completions/walras.fish
function __walras_path
    set -l path
    for word in (commandline -opc)[2..-1]
        set -l next (string join ' ' $path $word)
        contains -- $next ${tree
          .filter(({ path }) => path.length > 0)
          .map(({ path }) => quoted(path.join(" ")))
          .join(" ")}; and set path $path $word
    end
    string join ' ' $path
end

complete -c walras -e
${tree.map(linesOf).join("")}`;
}

function linesOf({ path, words, flags }: Completable): string {
  const when = `-n ${quoted(`test "$(__walras_path)" = "${path.join(" ")}"`)}`;
  const below = words.map(
    ({ word, about }) => `complete -c walras -f ${when} -a ${quoted(word)} -d ${quoted(about)}\n`,
  );
  return [...below, ...flags.map((flag) => `complete -c walras ${when} ${flagText(flag)}\n`)].join("");
}

function flagText({ names, about, takes, values }: Flag): string {
  const named = names.map((name) => (name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const value = values.length > 0 ? `-x -a ${quoted(values.join(" "))}` : takes ? "-r" : "-f";
  return `${named.join(" ")} ${value} -d ${quoted(about)}`;
}

/** Within single quotes of fish. */
function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
