import { z } from "zod";

import { bursts, constant, type Curve, noisy, pulse, scaled, shifted, step, sum, trace, wave } from "./curve.ts";

const cores = z.number().nonnegative();
const seconds = z.number().positive();
const share = z.number().min(0).max(1);
const phase = z.number().min(0).max(1).default(0);

const simple = [
  z.strictObject({ kind: z.literal("constant"), cores }),
  z.strictObject({ kind: z.literal("step"), before: cores, after: cores, atSeconds: z.number().nonnegative() }),
  z.strictObject({ kind: z.literal("wave"), low: cores, high: cores, periodSeconds: seconds, phase }),
  z.strictObject({ kind: z.literal("batch"), on: cores, off: cores.default(0), periodSeconds: seconds, share, phase }),
  z.strictObject({
    kind: z.literal("bursts"),
    base: cores,
    peak: cores,
    windowSeconds: seconds.default(2),
    probability: share,
  }),
  z.strictObject({
    kind: z.literal("trace"),
    /** A file of numbers, one a line or as a JSON array; the loader of scenarios reads it into `values`. */
    file: z.string().min(1).optional(),
    values: z.array(z.number().nonnegative()).min(1).optional(),
    stepSeconds: seconds.default(1),
    /** Cores that one unit of the recording costs. */
    cost: z.number().positive().default(1),
  }),
] as const;

type SimpleDemand = z.output<(typeof simple)[number]>;

/** A demand curve as scenarios describe it. Cores, seconds, shares 0..1. */
export type Demand =
  | SimpleDemand
  | { readonly kind: "noisy"; readonly of: Demand; readonly amplitude: number; readonly windowSeconds: number }
  | { readonly kind: "sum"; readonly of: readonly Demand[] }
  | { readonly kind: "scale"; readonly of: Demand; readonly by: number }
  | { readonly kind: "shift"; readonly of: Demand; readonly bySeconds: number };

/** The schema of a demand curve. */
export const demandSchema: z.ZodType<Demand> = z.lazy(() =>
  z.discriminatedUnion("kind", [
    ...simple,
    z.strictObject({
      kind: z.literal("noisy"),
      of: demandSchema,
      amplitude: share,
      windowSeconds: seconds.default(0.5),
    }),
    z.strictObject({ kind: z.literal("sum"), of: z.array(demandSchema).min(1) }),
    z.strictObject({ kind: z.literal("scale"), of: demandSchema, by: z.number().nonnegative() }),
    z.strictObject({ kind: z.literal("shift"), of: demandSchema, bySeconds: z.number().nonnegative() }),
  ]),
);

/**
 * The curve that `demand` describes.
 *
 * @param seed what its randomness follows
 */
export function curveOf(demand: Demand, seed: number): Curve {
  if (demand.kind === "noisy") {
    return noisy(curveOf(demand.of, seed + 1), demand.amplitude, demand.windowSeconds * 1000, seed);
  }
  if (demand.kind === "sum") return sum(demand.of.map((part, index) => curveOf(part, seed + index + 1)));
  if (demand.kind === "scale") return scaled(curveOf(demand.of, seed + 1), demand.by);
  if (demand.kind === "shift") return shifted(curveOf(demand.of, seed), demand.bySeconds * 1000);
  return simpleCurve(demand, seed);
}

function simpleCurve(demand: SimpleDemand, seed: number): Curve {
  switch (demand.kind) {
    case "constant":
      return constant(demand.cores);
    case "step":
      return step(demand.before, demand.after, demand.atSeconds * 1000);
    case "wave":
      return wave(demand.low, demand.high, demand.periodSeconds * 1000, demand.phase);
    case "batch":
      return pulse(demand.on, demand.off, demand.periodSeconds * 1000, demand);
    case "bursts":
      return bursts(demand.base, demand.peak, demand.windowSeconds * 1000, { probability: demand.probability, seed });
    case "trace":
    default:
      return trace(demand.values ?? [0], demand.stepSeconds * 1000, demand.cost);
  }
}
