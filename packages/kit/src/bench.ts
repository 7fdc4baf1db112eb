import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname, join } from "node:path";

/** One row of a benchmark's table. */
export type BenchRow = Readonly<Record<string, string | number>>;

/** What a benchmark found. */
export interface BenchReport {
  readonly name: string;
  /** The command that repeats it. */
  readonly command: string;
  readonly rows: readonly BenchRow[];
  /** Numbers that do not depend on the machine: ratios and counts, which thresholds are about. */
  readonly ratios: Readonly<Record<string, number>>;
}

/** Prints a benchmark's table and writes it to bench/NAME.json under `root`. */
export function publishBench(root: string, report: BenchReport): void {
  process.stdout.write(`\n${report.name}\n${table(report.rows)}\n${JSON.stringify(report.ratios)}\n`);
  const file = join(root, "bench", `${report.name}.json`);
  mkdirSync(dirname(file), { recursive: true });
  const machine = { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, node: process.version };
  writeFileSync(file, `${JSON.stringify({ ...report, machine, at: new Date().toISOString() }, null, 2)}\n`);
}

/** Rows in columns as wide as they need. */
export function table(rows: readonly BenchRow[]): string {
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const width = (key: string): number => Math.max(key.length, ...rows.map((row) => String(row[key] ?? "").length));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, index) => cell.padStart(width(keys[index] ?? ""))).join("  ");
  return [line(keys), ...rows.map((row) => line(keys.map((key) => String(row[key] ?? ""))))].join("\n");
}

/** The value below which the share `p` of the numbers lies. */
export function percentile(numbers: readonly number[], p: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(p * sorted.length) - 1))] ?? NaN;
}
