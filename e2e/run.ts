// Runs the end-to-end suites on the cluster that WALRAS_E2E_PROVIDER names.
// usage: run.ts [SUITE ...]
import { join } from "node:path";

import { execa } from "execa";

const { exitCode } = await execa(
  "vitest",
  ["run", "--config", join(import.meta.dirname, "vitest.config.ts"), ...process.argv.slice(2)],
  {
    cwd: join(import.meta.dirname, ".."),
    preferLocal: true,
    stdio: "inherit",
    reject: false,
  },
);
process.exitCode = exitCode ?? 1;
