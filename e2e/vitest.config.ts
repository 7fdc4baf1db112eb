import { defineConfig } from "vitest/config";

import { LastSuiteSequencer } from "./lastSuite.ts";

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["suites/*.e2e.ts"],
    globalSetup: ["./globalSetup.ts"],
    fileParallelism: false,
    sequence: { sequencer: LastSuiteSequencer },
    testTimeout: 180_000,
    hookTimeout: 180_000,
    teardownTimeout: 60_000,
    reporters: ["default", ["json", { outputFile: process.env["WALRAS_E2E_RESULTS"] ?? "../.tmp/e2e.json" }]],
  },
});
