import type { RunSummary } from "@walras/sim";

/** What the demo tells at its end. */
export function summaryText(summary: RunSummary, resizes: number): string {
  const { market, static: before } = summary;
  const row = (name: string, one: RunSummary["market"]): string =>
    `  ${name.padEnd(26)} ${one.throttledSeconds.toFixed(1).padStart(12)} ${one.meanSlackCores.toFixed(2).padStart(14)} ${one.lostSeconds.toFixed(1).padStart(12)}`;
  return [
    `${summary.containers} containers, ${Math.round(summary.elapsedSeconds)} s, ${resizes} resizes`,
    "",
    `  ${"".padEnd(26)} ${"throttled s".padStart(12)} ${"slack cores".padStart(14)} ${"work lost s".padStart(12)}`,
    row("with the market", market),
    row("limits as created", before),
    "",
  ].join("\n");
}
