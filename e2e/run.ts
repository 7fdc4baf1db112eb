// Runs the end-to-end suites on the cluster that WALRAS_E2E_PROVIDER names.
// usage: run.ts [SUITE ...]
import { rm } from "node:fs/promises";
import { join } from "node:path";

import { execa } from "execa";

import { recordedCalls } from "./harness/callRecorder.ts";

const suites = process.argv.slice(2);
// Suites that are run by name add to what others have recorded.
if (suites.length === 0) await rm(recordedCalls, { force: true });

const { exitCode } = await execa(
  "vitest",
  ["run", "--config", join(import.meta.dirname, "vitest.config.ts"), ...suites],
  {
    cwd: join(import.meta.dirname, ".."),
    preferLocal: true,
    stdio: "inherit",
    reject: false,
  },
);
process.exitCode = exitCode ?? 1;
