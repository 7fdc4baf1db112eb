// Runs on whatever Node a user has (20 or later): installs, then hands over to
// the project's own Node and pnpm. usage: bootstrap.mjs SCRIPT [ARG ...]
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
/** The exact version that package.json names. */
const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

function pnpm(...args) {
  const { status } = spawnSync("npx", ["--yes", packageManager, ...args], { cwd: root, stdio: "inherit" });
  return status ?? 1;
}

function isInstalled() {
  const marker = join(root, "node_modules", ".modules.yaml");
  return existsSync(marker) && statSync(marker).mtimeMs >= statSync(join(root, "pnpm-lock.yaml")).mtimeMs;
}

const [script, ...args] = process.argv.slice(2);
const installed = isInstalled() ? 0 : pnpm("install", "--frozen-lockfile", "--silent");
process.exitCode = installed === 0 ? pnpm("--silent", script, ...args) : installed;
