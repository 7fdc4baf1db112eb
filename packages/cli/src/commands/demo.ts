import { shutdownSignal, systemClock, parseDuration } from "@walras/kit";
import { Command } from "commander";

import { openBrowser, openerFor, pageSource } from "../demo/dashboard.ts";

/** walras demo: the whole thing on a laptop. */
export function demoCommand(): Command {
  return new Command("demo")
    .description("run the controller and agents on an embedded cluster whose demand moves")
    .option("--scenario <file>", "what happens: a file (YAML), or demo or mixed", "demo")
    .option("--for <duration>", "end after so long: 30s, 5m")
    .option("--headless", "no pictures, only the closing summary")
    .option("--no-open", "do not open the dashboard in a browser")
    .action(async (options: { scenario: string; for?: string; headless?: boolean; open: boolean }) => {
      const abort = new AbortController();
      void shutdownSignal().then(() => abort.abort());
      const { runDemo } = await import("../demo/run.ts");
      const headless = options.headless ?? !process.stdout.isTTY;
      const opener = options.open && !headless ? openerFor(process.platform, process.env) : null;
      await runDemo({
        scenario: options.scenario,
        forMs: options.for === undefined ? null : parseDuration(options.for, "--for"),
        headless,
        page: await pageSource(),
        open: (url) => (opener === null ? undefined : openBrowser(url, opener)),
        clock: systemClock,
        signal: abort.signal,
        out: process.stdout,
      });
    });
}
