import { existsSync } from "node:fs";

import { type Browser, chromium, type Page } from "playwright-core";

import { nowMs } from "./cluster.ts";

/** Debian's chromium, or what CHROMIUM names; undefined: neither is here. */
export const chromiumPath: string | undefined = [process.env["CHROMIUM"], "/usr/bin/chromium"].find(
  (path): path is string => path !== undefined && existsSync(path),
);

/** How long something may take where many share a machine. */
export const slowMs = 120_000;

export const whyNoBrowser = "no Chromium: install Debian's package chromium, or name the program by CHROMIUM";

/** @throws Error where there is none */
export async function startBrowser(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error(whyNoBrowser);
  return chromium.launch({
    executablePath: chromiumPath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  });
}

/** A page, and what its console has complained of. */
export interface Tab {
  readonly page: Page;
  readonly complaints: string[];
}

export interface TabOptions {
  readonly scheme?: "light" | "dark";
  /** Of the address, after the page's. */
  readonly at?: string;
  /** Whether time stands at that of the fixtures. Timers go on. */
  readonly isFixed?: boolean;
}

export async function openTab(browser: Browser, url: string, options: TabOptions = {}): Promise<Tab> {
  const { scheme = "light", at = "#/cpu", isFixed = true } = options;
  const context = await browser.newContext({
    colorScheme: scheme,
    viewport: { width: 1280, height: 800 },
    timezoneId: "UTC",
  });
  context.setDefaultTimeout(slowMs / 2);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    // A browser complains of each answer that is no success: those are asked for by tests.
    if (["error", "warning"].includes(message.type()) && !message.text().startsWith("Failed to load resource"))
      complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  if (isFixed) await page.clock.setFixedTime(nowMs);
  await page.goto(url + at);
  return { page, complaints };
}
