import { shutdownSignal, systemClock, parseDuration } from "@walras/kit";
import { Command } from "commander";

/** walras demo: the whole thing on a laptop. */
export function demoCommand(): Command {
  return new Command("demo")
    .description("run the controller and agents on an embedded cluster whose demand moves")
    .option("--scenario <file>", "what happens: a file (YAML), or demo or mixed", "demo")
    .option("--for <duration>", "end after so long: 30s, 5m")
    .option("--headless", "no pictures, only the closing summary")
    .action(async (options: { scenario: string; for?: string; headless?: boolean }) => {
      const abort = new AbortController();
      void shutdownSignal().then(() => abort.abort());
      const { runDemo } = await import("../demo/run.ts");
      await runDemo({
        scenario: options.scenario,
        forMs: options.for === undefined ? null : parseDuration(options.for, "--for"),
        headless: options.headless ?? !process.stdout.isTTY,
        clock: systemClock,
        signal: abort.signal,
        out: process.stdout,
      });
    });
}
