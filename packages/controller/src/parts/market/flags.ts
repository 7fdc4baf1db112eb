import type { Command } from "commander";
import { limitsSettings, marketModes } from "@walras/api";
import { parseDuration } from "@walras/kit";
import { Option } from "commander";
import { z } from "zod";

import { defaultMarketPolicy } from "./decide/policy.ts";
import { meaningOf } from "./meaning.ts";
import { policiesSchema } from "./policies.ts";

const hourMs = 3_600_000;
/** A shorter memory is none of hours; a longer one outlives every record of who is gone. */
const memoryBounds = { leastMs: hourMs, mostMs: 14 * 24 * hourMs };

const memory = z.string().transform((text, context) => {
  const durationMs = meaningOf(() => parseDuration(text, "duration"));
  const complaint = durationMs === null ? "a duration such as 24h" : "1h to 336h";
  if (durationMs !== null && durationMs >= memoryBounds.leastMs && durationMs <= memoryBounds.mostMs) return durationMs;
  context.addIssue({ code: "custom", message: `expected ${complaint}` });
  return z.NEVER;
});

/** Too much for a flag. */
export const fileOnly = { policies: policiesSchema.optional() };

export const schema = z.object({
  mode: z.enum(marketModes),
  limits: z.enum(limitsSettings),
  /** Share of a node, 0 to 0.9. */
  reserve: z.coerce.number().min(0).max(0.9),
  /** Milliseconds. */
  requestMemory: memory,
  overbook: z.coerce.number().min(1).max(100),
  sizeNewPods: z.boolean(),
  ...fileOnly,
});

export type MarketFlags = z.infer<typeof schema>;

/** What of it is taken while the market runs. */
export const live = [
  "mode",
  "limits",
  "reserve",
  "requestMemory",
  "overbook",
  "policies",
] as const satisfies readonly (keyof MarketFlags)[];

export function addFlags(program: Command): Command {
  return program
    .addOption(new Option("--mode <mode>", "how far to go at most").choices(marketModes).default("recommend"))
    .addOption(
      new Option("--limits <setting>", "whether limits leave room or follow use")
        .choices(limitsSettings)
        .default("ample"),
    )
    .option(
      "--reserve <fraction>",
      "share of each node's allocatable that is never given away",
      String(defaultMarketPolicy.reserveFraction),
    )
    .option("--request-memory <duration>", "half-life of the use that requests follow, 1h to 336h", "24h")
    .option(
      "--overbook <factor>",
      "no request falls below what was declared over this; 1: none falls at all",
      String(defaultMarketPolicy.overbook),
    )
    .option(
      "--size-new-pods",
      "write down what new pods are to request, for the policy of admission in deploy/sizing",
      false,
    );
}
