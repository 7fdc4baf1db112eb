import { readFileSync } from "node:fs";
import { join } from "node:path";

import { errorAt, parseCpu, parseWith } from "@walras/kit";
import { parse } from "yaml";
import { z } from "zod";

const cpu = z.string().transform((text, context) => {
  try {
    return parseCpu(text, "cpu");
  } catch {
    context.addIssue({ code: "custom", message: "no CPU quantity such as 100m" });
    return z.NEVER;
  }
});
const phaseSchema = z.strictObject({ seconds: z.number().positive(), perSecond: z.number().min(0) });
const demandSchema = z.strictObject({
  name: z.string().min(1),
  costMs: z.number().positive(),
  arrivals: z.enum(["even", "poisson"]),
  phases: z.array(phaseSchema).min(1).optional(),
  trace: z.string().optional(),
  perSecond: z.number().positive().optional(),
  startCpuMs: z.number().positive().optional(),
  restartSeconds: z.number().positive().optional(),
  learnSeconds: z.number().min(0),
  seconds: z.number().positive(),
  request: cpu,
  limit: cpu,
  apartMs: z.number().min(0),
});
const tenantSchema = z.strictObject({
  name: z.string().min(1),
  weight: z.number().positive(),
  cores: z.number().positive(),
  threads: z.int().positive().default(1),
  request: cpu,
  limit: cpu,
});
const fileSchema = z.strictObject({
  demands: z.array(demandSchema),
  overload: z
    .strictObject({
      settleSeconds: z.number().min(0),
      seconds: z.number().positive(),
      guaranteed: demandSchema,
      tenants: z.array(tenantSchema).min(1),
    })
    .optional(),
});

/** So many requests a second for so many seconds. */
export type Phase = z.output<typeof phaseSchema>;

/** One HTTP service and what is asked of it. */
export type Demand = z.output<typeof demandSchema>;

/** Somebody who uses whatever it gets up to so many cores. */
export type Tenant = z.output<typeof tenantSchema>;

/** What one run of the benchmark plays. */
export type DemandFile = z.output<typeof fileSchema>;

/** @throws FieldError naming the first wrong field of the file */
export function readDemands(file: string): DemandFile {
  const demands = parseWith(fileSchema, parse(readFileSync(file, "utf8")), file);
  demands.demands.forEach((demand, index) => {
    const at = `${file}.demands.${index}`;
    if ((demand.phases === undefined) === (demand.trace === undefined))
      throw errorAt(at, demand.name, "needs either phases or trace");
    if (demand.trace !== undefined && demand.perSecond === undefined)
      throw errorAt(`${at}.perSecond`, undefined, "is needed beside trace");
    if ((demand.startCpuMs === undefined) !== (demand.restartSeconds === undefined))
      throw errorAt(at, demand.name, "needs both startCpuMs and restartSeconds, or neither");
  });
  return demands;
}

/** A demand's phases; a recording's are as long as squeeze it into the run. */
export function phasesOf(demand: Demand, traceFolder: string): readonly Phase[] {
  if (demand.phases !== undefined) return demand.phases;
  const file = join(traceFolder, demand.trace ?? "");
  const numbers = readFileSync(file, "utf8").trim().split(/\s+/).map(Number);
  const mean = numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
  if (!(mean > 0)) throw errorAt(file, mean, "is no mean of a recording");
  const seconds = (demand.learnSeconds + demand.seconds) / numbers.length;
  return numbers.map((one) => ({ seconds, perSecond: (one / mean) * (demand.perSecond ?? 0) }));
}
