// Generates, then checks format, lint, types and dead code; fails when the tree
// is not what is committed.
import { join } from "node:path";

import { execa } from "execa";

const root = join(import.meta.dirname, "..");

const steps: readonly (readonly [string, string, readonly string[]])[] = [
  ["generate", "node", ["scripts/generate.ts"]],
  ["format", "oxfmt", ["--check"]],
  ["lint", "oxlint", ["--type-aware"]],
  ["types", "tsc", ["--noEmit"]],
  // It is for a browser: document and window are known nowhere else.
  ["types of the page", "tsc", ["--noEmit", "--project", "packages/dashboard"]],
  ["dead code", "knip", []],
];

const failed: string[] = [];
for (const [name, command, args] of steps) {
  const { exitCode, all } = await execa(command, args, { cwd: root, preferLocal: true, reject: false, all: true });
  console.log(`${exitCode === 0 ? "ok  " : "FAIL"} ${name}`);
  if (exitCode === 0) continue;
  failed.push(name);
  console.log(all);
}

const { stdout: dirty } = await execa("git", ["status", "--porcelain"], { cwd: root });
console.log(`${dirty === "" ? "ok  " : "FAIL"} clean tree`);
if (dirty !== "") {
  failed.push("clean tree");
  console.log(dirty);
}
console.log(`${steps.length + 1 - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;
