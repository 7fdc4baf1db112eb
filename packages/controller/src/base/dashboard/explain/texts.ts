import { market } from "./market.ts";
import type { ExplainedNumber } from "./number.ts";
import { others } from "./others.ts";
import { overall } from "./overall.ts";

/** By key. */
export const explainedNumbers: Readonly<Record<string, ExplainedNumber>> = { ...overall, ...market, ...others };
