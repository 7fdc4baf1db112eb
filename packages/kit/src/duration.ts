import { errorAt } from "./errors.ts";

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * A duration like 500ms, 2s or 1m, in milliseconds.
 *
 * @throws FieldError naming the option and the value
 */
export function parseDuration(text: string, option: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  const durationMs = Number(match?.[1]) * (unitMs[match?.[2] ?? ""] ?? NaN);
  if (!(durationMs > 0)) throw errorAt(option, text, "is not a duration such as 500ms, 2s or 1m");
  return durationMs;
}
