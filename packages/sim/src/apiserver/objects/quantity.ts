import { parseQuantity } from "@walras/kit";

import { asText } from "./model.ts";

const binarySteps = ["Ei", "Pi", "Ti", "Gi", "Mi", "Ki"].map((suffix, index) => ({
  suffix,
  size: 2 ** (60 - 10 * index),
}));
const decimalSteps = ["E", "P", "T", "G", "M", "k", "", "m", "u", "n"].map((suffix, index) => ({
  suffix,
  size: 10 ** (18 - 3 * index),
}));

const known = new Map<string, string>();

/**
 * A quantity as the API server writes it back: "0.05" → "50m", "1000m" → "1",
 * "1024Ki" → "1Mi". Exponents stay as they are.
 *
 * @throws FieldError where `text` is no quantity
 */
export function canonicalQuantity(text: string, field: string): string {
  const cached = known.get(text);
  if (cached !== undefined) return cached;
  const written = write(text, parseQuantity(text, field));
  if (known.size < 10_000) known.set(text, written);
  return written;
}

function write(text: string, value: number): string {
  if (value === 0) return "0";
  if (/[eE][+-]?\d/.test(text)) return text;
  const steps =
    text.endsWith("i") && Number.isInteger(value) ? [...binarySteps, { suffix: "", size: 1 }] : decimalSteps;
  for (const { suffix, size } of steps) {
    const count = size >= 1 ? value / size : value * Math.round(1 / size);
    const whole = Math.round(count);
    if (whole !== 0 && Math.abs(count - whole) <= Math.abs(whole) * 1e-12) return `${whole}${suffix}`;
  }
  return `${Math.ceil(value * 1e9)}n`;
}

/** The sum written in the decimal form, as quota and capacity messages show it. */
export function formatQuantity(value: number): string {
  return canonicalQuantity(String(Math.round(value * 1000)) + "m", "sum");
}

/** A quantity given as text or number; undefined where there is none. */
export function quantityOf(value: unknown, field: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  return parseQuantity(typeof value === "number" ? String(value) : asText(value), field);
}
