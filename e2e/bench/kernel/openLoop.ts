import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { execa } from "execa";

import type { Arrival } from "./arrivals.ts";
import type { Plan, Timing } from "./generator.ts";

/** Long enough for a limit that was too low to let its backlog through. */
const drainMs = 20_000;

/**
 * Plays requests from a process that goes before everything that is measured, so that no request is sent late.
 *
 * @throws Error when it is cancelled
 */
export async function playArrivals(
  urls: readonly string[],
  arrivals: readonly Arrival[],
  connections: Plan["connections"] = "kept",
  cancelSignal?: AbortSignal,
): Promise<readonly Timing[]> {
  const folder = await mkdtemp(join(tmpdir(), "walras-kernel-"));
  const [planFile, resultFile] = [join(folder, "plan.json"), join(folder, "result.json")];
  try {
    const plan: Plan = { urls, arrivals, connections, drainMs };
    await writeFile(planFile, JSON.stringify(plan));
    const script = join(import.meta.dirname, "generator.ts");
    await execa("chrt", ["--fifo", "20", process.execPath, script, planFile, resultFile], {
      stdin: "ignore",
      ...(cancelSignal && { cancelSignal }),
    });
    return JSON.parse(await readFile(resultFile, "utf8")) as Timing[];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
