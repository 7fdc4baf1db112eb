import { type Command, Option } from "commander";

import { type Screen, screenOf } from "./screen.ts";

const formats = ["table", "json", "yaml"] as const;
type Format = (typeof formats)[number];

/** What a command that shows something is told. */
export interface OutputFlags {
  readonly output: Format;
}

/** Adds `-o`, and `--json` for `-o json`. @param usual where nothing is said */
export function withOutput(command: Command, usual: Format = "table"): Command {
  return command
    .addOption(new Option("-o, --output <format>", "how it is printed").choices(formats).default(usual))
    .addOption(new Option("--json", "as -o json").implies({ output: "json" }));
}

/** Prints an answer: as data, or as the text for people. */
export async function show<Answer>(
  answer: Answer,
  { output }: OutputFlags,
  text: (answer: Answer, screen: Screen) => string,
): Promise<void> {
  process.stdout.write(await shown(answer, output, (one) => text(one, screenOf(process.stdout, process.env))));
}

async function shown<Answer>(answer: Answer, format: Format, text: (answer: Answer) => string): Promise<string> {
  if (format === "json") return `${JSON.stringify(answer)}\n`;
  if (format === "table") return text(answer);
  const { stringify } = await import("yaml");
  return stringify(answer, { aliasDuplicateObjects: false });
}

/** What is wrong and does not stop anything, each on a line. */
export function warn(warnings: Iterable<string>): void {
  for (const warning of warnings) process.stderr.write(`walras: warning: ${warning}\n`);
}
