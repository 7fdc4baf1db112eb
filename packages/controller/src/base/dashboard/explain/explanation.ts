import type { DashboardExplanation, SummaryStrip } from "@walras/api";

import { explainedNumbers } from "./texts.ts";

/** What a number of the strip is made of is read from the same summary as everybody sees. */
interface ExplanationSource {
  strip(): SummaryStrip;
}

/** @returns null: no number has this key */
export function explanationOf(key: string, source: ExplanationSource): DashboardExplanation | null {
  const number = Object.hasOwn(explainedNumbers, key) ? explainedNumbers[key] : undefined;
  if (!number) return null;
  const { title, unit, formula, source: from, of = [] } = number;
  const strip: Readonly<Record<string, number | null>> = of.length === 0 ? {} : source.strip();
  const inputs = of.map((name) => ({ name, value: shown(strip[name] ?? null) }));
  return { key, title, unit, formula, inputs, source: from };
}

function shown(value: number | null): string {
  return value === null ? "not known" : String(value);
}
