import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { tokenFragment } from "@walras/api";

/** Builds the page into a folder. */
type BuildPage = (outDir: string) => Promise<unknown>;

/** Whence the page comes: it is built already, is to be built, or there is none, as in a program that is one file. */
export type PageSource = "built" | BuildPage | null;

/** From a checkout the page may not have been built yet. */
export async function pageSource(): Promise<PageSource> {
  const { builtPage } = await import("@walras/controller/dashboard");
  if (builtPage() !== undefined) return "built";
  const builder = await import("@walras/dashboard/build").catch(() => null);
  return builder?.buildDashboard ?? null;
}

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
 * @returns null: there is no page to serve
 */
export async function prepareDashboard(folder: string, source: PageSource): Promise<DemoDashboard | null> {
  if (source === null) return null;
  const token = randomBytes(24).toString("base64url");
  const tokenFile = join(folder, "dashboard-token");
  writeFileSync(tokenFile, token, { mode: 0o600 });
  const page = join(folder, "dashboard");
  if (source !== "built") await source(page);
  return {
    flags: [
      "--dashboard=token",
      "--dashboard-port=0",
      `--dashboard-token-file=${tokenFile}`,
      ...(source === "built" ? [] : [`--dashboard-folder=${page}`]),
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
