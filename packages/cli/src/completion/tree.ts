import type { Command } from "commander";

/** One command of the tree: what may follow it. */
export interface Completable {
  /** Words after the program's name; empty: the program itself. */
  readonly path: readonly string[];
  readonly words: readonly Word[];
  readonly flags: readonly Flag[];
}

/** A command below, or a value of an argument. */
interface Word {
  readonly word: string;
  readonly about: string;
}

export interface Flag {
  /** `-o` and `--output`. */
  readonly names: readonly string[];
  readonly about: string;
  /** It takes a value. */
  readonly takes: boolean;
  /** What values there are; empty: any. */
  readonly values: readonly string[];
}

/** Every command, the program first, with what it takes. Hidden ones are left out. */
export function completables(program: Command, path: readonly string[] = []): readonly Completable[] {
  const help = program.createHelp();
  const below = help.visibleCommands(program).filter((one) => one.name() !== "help");
  const own = {
    path,
    words: [...below.map((one) => ({ word: one.name(), about: one.description() })), ...choicesOf(program)],
    flags: help.visibleOptions(program).map(({ short, long, description, required, optional, argChoices }) => ({
      names: [short, long].filter((name) => name !== undefined),
      about: description,
      takes: required || optional,
      values: argChoices ?? [],
    })),
  };
  return [own, ...below.flatMap((one) => completables(one, [...path, one.name()]))];
}

function choicesOf(command: Command): Word[] {
  return command.registeredArguments.flatMap(({ argChoices = [], description }) =>
    argChoices.map((word) => ({ word, about: description })),
  );
}
