import { errorAt } from "./errors.ts";

/** Thousandths of a CPU core. */
export type Millicores = number;

const suffixes: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

const quantityPattern = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?)$/;

/**
 * A Kubernetes quantity ("250m", "0.5", "1e3", "128Mi") as a plain number.
 *
 * @param field what the value belongs to, for the error
 * @throws FieldError naming the field and the value
 */
export function parseQuantity(text: string, field: string): number {
  const match = quantityPattern.exec(text.trim());
  if (!match) throw errorAt(field, text, "is not a Kubernetes quantity");
  const [, digits, exponent, suffix] = match;
  return Number(`${digits}${exponent ?? ""}`) * (suffixes[suffix ?? ""] ?? 1);
}

/**
 * A CPU quantity in millicores, rounded up as Kubernetes does.
 *
 * @throws FieldError naming the field and the value
 */
export function parseCpu(text: string, field: string): Millicores {
  const milli = parseQuantity(text, field) * 1000;
  return Math.ceil(Math.round(milli * 1e6) / 1e6);
}

/** Millicores as a Kubernetes quantity: 1500 → "1500m", 2000 → "2". */
export function formatCpu(milli: Millicores): string {
  return milli !== 0 && milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`;
}
