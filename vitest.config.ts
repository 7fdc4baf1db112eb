import { defineConfig } from "vitest/config";

const results = process.env["WALRAS_TEST_RESULTS"];

export default defineConfig({
  test: {
    include: [
      "packages/*/src/**/*.test.ts",
      "packages/*/test/**/*.test.ts",
      "scripts/**/*.test.ts",
      "e2e/bench/**/*.test.ts",
    ],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    reporters: results === undefined ? ["default"] : ["default", ["json", { outputFile: results }]],
  },
});
