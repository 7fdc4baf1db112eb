import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";

import { describeError } from "@walras/kit";

/** What a program printed. */
export interface Printed {
  readonly output: string;
  /** null: it ended well. */
  readonly failure: string | null;
}

/** What the container has of NVIDIA's. */
export interface Machine {
  /** null: there is no nvidia-smi. */
  nvidiaSmi(args: readonly string[]): Promise<Printed | null>;
  /** Names in a folder; empty where there is none. */
  namesIn(folder: string): Promise<readonly string[]>;
  read(file: string): Promise<string>;
}

const mostBytes = 1024 * 1024;
/** A GPU that is falling off its bus keeps nvidia-smi for long. */
const deadlineMs = 8_000;

/** @param program nvidia-smi, by name or path */
export function thisMachine(program = "nvidia-smi"): Machine {
  return {
    nvidiaSmi: (args) => run(program, args),
    namesIn: (folder) => readdir(folder).catch(() => []),
    read: (file) => readFile(file, "utf8"),
  };
}

function run(program: string, args: readonly string[]): Promise<Printed | null> {
  const options = { timeout: deadlineMs, killSignal: "SIGKILL", maxBuffer: mostBytes } as const;
  return new Promise((resolve) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error?.code === "ENOENT") return resolve(null);
      const failure = error === null ? null : error.killed ? `no answer in ${deadlineMs} ms` : describeError(error);
      return resolve({ output: `${stdout}\n${stderr}`, failure });
    });
  });
}
