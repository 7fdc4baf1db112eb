// What documents say of flags, metrics and benchmarks, made from the code and from bench/*.json. `pnpm gen` writes it.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { baseMetrics } from "../packages/controller/src/base/ops/metrics.ts";
import { metricsIn, Registry } from "../packages/controller/src/base/ops/registry.ts";
import { command } from "../packages/controller/src/config.ts";
import { batchMetrics } from "../packages/controller/src/parts/batch/metrics.ts";
import { carlaMetrics } from "../packages/controller/src/parts/carla/metrics.ts";
import { admissionMetrics } from "../packages/controller/src/parts/gpu/admission/metrics.ts";
import { gpuMetrics } from "../packages/controller/src/parts/gpu/metrics.ts";
import { intentMetrics } from "../packages/controller/src/parts/intents/metrics.ts";
import { marketMetrics } from "../packages/controller/src/parts/market/metrics.ts";
import { type BenchRow, table } from "../packages/kit/src/bench.ts";
import { arrowsOf, controllerFiles, drawing, picture } from "./imports.ts";

const root = join(import.meta.dirname, "..");

/** Each generated piece of a document by its marker. */
const pieces: Readonly<Record<string, () => Promise<string> | string>> = {
  "flags-controller": flagsOfController,
  metrics: metricsTable,
  benchmarks: benchmarkTables,
  imports: () => `${picture(arrowsOf(controllerFiles()))}\n\n${drawing(arrowsOf(controllerFiles()))}`,
};

/** Writes every generated piece between its markers, wherever these stand. */
export async function writeTables(): Promise<void> {
  for (const file of documents()) {
    let text = readFileSync(file, "utf8");
    for (const [name, make] of Object.entries(pieces)) {
      const [begin, end] = [`<!-- generated: ${name} -->`, `<!-- end: ${name} -->`];
      const [from, to] = [text.indexOf(begin), text.indexOf(end)];
      if (from < 0 || to < from) continue;
      text = `${text.slice(0, from + begin.length)}\n\n${await make()}\n\n${text.slice(to)}`;
    }
    writeFileSync(file, text);
  }
}

function documents(): string[] {
  const docs = join(root, "docs");
  const names = readdirSync(docs, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".md"));
  return [join(root, "README.md"), ...names.map((name) => join(docs, name))];
}

/** A default that this machine's environment gave is no default. */
function flagsOfController(): string {
  const rows = command({ POD_NAME: "$POD_NAME" }).options.map((option) => {
    const value = option.defaultValue as readonly string[] | string | boolean | undefined;
    const shown = (Array.isArray(value) ? value : [value ?? ""]).join(",");
    return `| \`${option.flags.replaceAll("|", "\\|")}\` | ${shown === "" ? "" : `\`${shown}\``} | ${option.description} |`;
  });
  return ["| flag | default | meaning |", "| --- | --- | --- |", ...rows].join("\n");
}

async function metricsTable(): Promise<string> {
  const groups = [
    ["base", (registry: Registry) => baseMetrics(registry, metricsIn(registry))],
    ["market", (registry: Registry) => marketMetrics(metricsIn(registry))],
    ["carla", (registry: Registry) => carlaMetrics(metricsIn(registry))],
    ["batch", (registry: Registry) => batchMetrics(metricsIn(registry), "available_node_count_30s")],
    ["gpu", (registry: Registry) => gpuMetrics(metricsIn(registry))],
    ["gpu", (registry: Registry) => admissionMetrics(metricsIn(registry))],
    ["intents", (registry: Registry) => intentMetrics(metricsIn(registry))],
  ] as const;
  const rows: string[] = [];
  for (const [part, make] of groups) {
    const registry = new Registry();
    make(registry);
    for (const { name, type, help } of await registry.getMetricsAsJSON())
      rows.push(`| \`${name}\` | ${part} | ${type} | ${labelsOf(registry, name)} | ${help} |`);
  }
  return ["| metric | of | kind | labels | |", "| --- | --- | --- | --- | --- |", ...rows].join("\n");
}

function labelsOf(registry: Registry, name: string): string {
  const { labelNames = [] } = registry.getSingleMetric(name) as unknown as { labelNames?: readonly string[] };
  return labelNames.map((label) => `\`${label}\``).join(", ");
}

interface Bench {
  readonly name?: string;
  readonly command?: string;
  readonly rows?: readonly BenchRow[];
  readonly results?: readonly BenchRow[];
}

/** As the benchmark printed it, so that nothing is rounded by hand. */
function benchmarkTables(): string {
  const folder = join(root, "bench");
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  const parts = files.toSorted().map((file) => {
    const { command: run, rows, results } = JSON.parse(readFileSync(join(folder, file), "utf8")) as Bench;
    const name = file.replace(".json", "");
    const body = table((rows ?? results ?? []).map(flat));
    return `**${name}**: \`${run ?? `pnpm bench ${name}`}\`\n\n\`\`\`\n${body}\n\`\`\``;
  });
  return parts.join("\n\n");
}

/** Cells of a row are numbers or words; what is made of several is left to the JSON. */
function flat(row: BenchRow): BenchRow {
  return Object.fromEntries(Object.entries(row).filter(([, cell]) => typeof cell !== "object"));
}
