import { type ChildProcess, spawn } from "node:child_process";

import { type Clock, describeError } from "@walras/kit";

/** What others than the program itself may keep open is not waited for. */
const drainMs = 500;
const mostComplaint = 400;

/** How to start the program. */
export interface SmiProgram {
  readonly path: string;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
}

/** How it ended. */
export interface SmiEnd {
  readonly ok: boolean;
  /** By itself, rather than killed, crashed or not started. */
  readonly exited: boolean;
  /** "exit code 9", or why it could not be started. */
  readonly how: string;
  /** From standard error, at most so much as helps. */
  readonly complaint: string;
}

/** A run of the program. */
export interface SmiProcess {
  /** When it and its output have ended. Never rejects. */
  readonly ended: Promise<SmiEnd>;
  /** For good, with all that it has started. */
  kill(): void;
}

/** Starts the program without a shell, in a group of its own: it may be a wrapper, which is killed with what it wraps. */
export function startSmi(program: SmiProgram, args: readonly string[], onText: (text: string) => void): SmiProcess {
  const child = spawn(program.path, args, {
    detached: true,
    env: { ...program.env, LC_ALL: "C" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let complaint = "";
  child.stdout.setEncoding("utf8").on("data", onText);
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    if (complaint.length < mostComplaint) complaint = (complaint + text).slice(0, mostComplaint);
  });
  const ended = endOf(child, program.clock).then((end) => ({ ...end, complaint: complaint.trim() }));
  return { ended, kill: () => killGroup(child) };
}

function endOf(child: ChildProcess, clock: Clock): Promise<Omit<SmiEnd, "complaint">> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve({ ok: false, exited: false, how: describeError(error) }));
    child.once("exit", (code, signal) => {
      const how = code === null ? `signal ${signal}` : `exit code ${code}`;
      const end = (): void => {
        drained.cancel();
        child.stdout?.destroy();
        child.stderr?.destroy();
        resolve({ ok: code === 0, exited: code !== null, how });
      };
      const drained = clock.after(drainMs, end);
      child.once("close", end);
    });
  });
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}
