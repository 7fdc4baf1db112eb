import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import type { Completable } from "./tree.ts";
import { zshScript } from "./zsh.ts";

/** The script of each shell, from the tree of commands. */
export const shellScripts: Readonly<Record<string, (tree: readonly Completable[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};
