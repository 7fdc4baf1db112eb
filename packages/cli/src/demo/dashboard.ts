import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { tokenFragment } from "@walras/api";

/** Builds the page into a folder. */
export type BuildPage = (outDir: string) => Promise<unknown>;

/** A dashboard that is about to be served. */
export interface DemoDashboard {
  /** Flags of the controller. */
  readonly flags: readonly string[];
  /** The address with its token, which whoever has it may read by. */
  readonly urlAt: (port: number) => string;
}

/**
 * A token of its own, and the page where none was built.
 *
 * @param folder of this run alone
 * @param buildPage null: the page lies where the controller finds it
 */
export async function prepareDashboard(folder: string, buildPage: BuildPage | null): Promise<DemoDashboard> {
  const token = randomBytes(24).toString("base64url");
  const tokenFile = join(folder, "dashboard-token");
  writeFileSync(tokenFile, token, { mode: 0o600 });
  const page = join(folder, "dashboard");
  if (buildPage) await buildPage(page);
  return {
    flags: [
      "--dashboard=token",
      "--dashboard-port=0",
      `--dashboard-token-file=${tokenFile}`,
      ...(buildPage ? [`--dashboard-folder=${page}`] : []),
    ],
    urlAt: (port) => `http://127.0.0.1:${port}/#${tokenFragment}=${token}`,
  };
}

/** By what a browser is opened here; null: there is no screen, or it is somebody else's. */
export function openerFor(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string | null {
  if (env["SSH_CONNECTION"] || env["CI"]) return null;
  if (platform === "darwin") return "open";
  if (platform === "linux" && (env["DISPLAY"] || env["WAYLAND_DISPLAY"])) return "xdg-open";
  return null;
}

/** Nothing depends on it: whoever sees no browser has the address. */
export function openBrowser(url: string, opener: string): void {
  const child = spawn(opener, [url], { stdio: "ignore", detached: true });
  child.on("error", () => undefined);
  child.unref();
}
