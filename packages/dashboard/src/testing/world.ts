import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Browser } from "playwright-core";

import { buildDashboard } from "../build.ts";

import { openTab, startBrowser, type Tab, type TabOptions } from "./browser.ts";
import { FixtureServer } from "./server.ts";

/** A view is there before what it asks for: who does not wait for that is wrong on a quick machine too. */
const answersAfterMs = 100;

/** A built page, who serves it, and a browser that looks at it. */
export class World {
  readonly server: FixtureServer;
  readonly browser: Browser;
  readonly #folder: string;

  private constructor(folder: string, server: FixtureServer, browser: Browser) {
    this.#folder = folder;
    this.server = server;
    this.browser = browser;
  }

  static async start(): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), "walras-page-"));
    await buildDashboard(folder);
    return new World(folder, await FixtureServer.start(folder, answersAfterMs), await startBrowser());
  }

  open(options: TabOptions = {}): Promise<Tab> {
    return openTab(this.browser, this.server.url, options);
  }

  /** Closes all tabs, and has the server answer as in the beginning. */
  async clear(): Promise<void> {
    for (const context of this.browser.contexts()) await context.close();
    this.server.reset();
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
    await rm(this.#folder, { recursive: true });
  }
}
