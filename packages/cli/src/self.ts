import { fileURLToPath } from "node:url";

/** Programs of a cluster that this one can run as processes. */
export const programNames = ["controller", "agent"] as const;
export type ProgramName = (typeof programNames)[number];

const packages: Readonly<Record<ProgramName, string>> = {
  controller: "@walras/controller/main",
  agent: "@walras/node-agent/main",
};

/** What a process of a program is started with. */
export interface ProgramCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** Flags of Node may stand before the arguments. */
  readonly takesNodeFlags: boolean;
}

/**
 * How a program is started: its source in a checkout; where everything is
 * packed into one program, that program once more, told which part it is to be.
 */
export async function commandOf(program: ProgramName): Promise<ProgramCommand> {
  const file = process.execPath;
  if (isSource()) return { file, args: [fileURLToPath(import.meta.resolve(packages[program]))], takesNodeFlags: true };
  const { isSea } = await import("node:sea");
  const own = isSea() ? [] : [process.argv[1] ?? ""];
  return { file, args: [...own, "run", program, "--"], takesNodeFlags: false };
}

/** Sources are TypeScript, and what is packed is not. */
function isSource(): boolean {
  return import.meta.url.endsWith(".ts");
}
