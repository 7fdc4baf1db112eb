import { flagNames } from "./config.ts";
import { version } from "./version.ts";

const usage = `usage: walras-agent --controller ADDRESS --node-name NAME [FLAG VALUE ...]

Reads what the containers of a node need from its kernel and streams it to the controller.
Each flag is a variable too: --token-file is WALRAS_TOKEN_FILE. docs/configuration.md says what they mean.

${flagNames.map((name) => `  --${name}`).join("\n")}
  --help
  --version
`;

/** What the program prints instead of running, where it is asked about itself; null: it is to run. */
export function answerTo(argv: readonly string[]): string | null {
  if (argv.includes("--help")) return usage;
  return argv.includes("--version") ? `${version}\n` : null;
}
