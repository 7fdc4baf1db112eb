import { errorAt, FieldError, parseCpu } from "@walras/kit";

import { lesserMode, type LimitsSetting, limitsSettings, marketModes, type MarketModeSetting } from "./mode.ts";
import { annotations } from "./names.ts";

/** What a pod's owner asks of the market. */
export interface PodPolicy {
  readonly weight: number;
  /** null where not set */
  readonly minMilli: number | null;
  readonly maxMilli: number | null;
  /** null: as the controller is set */
  readonly mode: MarketModeSetting | null;
  /** null: as the controller is set */
  readonly limits: LimitsSetting | null;
}

/** One annotation that could not be understood; the default is used in its place. */
export type PolicyComplaint = FieldError;

/** Weights outside these bounds would make proportions meaningless. */
export const leastWeight = 0.001;
export const mostWeight = 1000;

/** Where nobody has said anything. */
const unsaid: PodPolicy = { weight: 1, minMilli: null, maxMilli: null, mode: null, limits: null };
const ours = [annotations.weight, annotations.minCpu, annotations.maxCpu, annotations.mode, annotations.limits];

/**
 * Reads a pod's annotations. A wrong one is reported and left out; the others
 * still count.
 *
 * @param others what holds where its owner says nothing; he may go less far than their mode, and not further
 */
export function readPodPolicy(
  values: Readonly<Record<string, string>>,
  others: PodPolicy = unsaid,
): {
  policy: PodPolicy;
  complaints: readonly PolicyComplaint[];
} {
  // Most owners say nothing, and have it together.
  if (others === unsaid && !ours.some((key) => key in values)) return { policy: unsaid, complaints: [] };
  const complaints: FieldError[] = [];
  const read = <T>(key: string, parse: (text: string) => T): T | null => {
    const text = values[key];
    if (text === undefined) return null;
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      complaints.push(error);
      return null;
    }
  };
  const own = {
    weight: read(annotations.weight, parseWeight),
    minMilli: read(annotations.minCpu, (text) => positiveCpu(text, annotations.minCpu)),
    maxMilli: read(annotations.maxCpu, (text) => positiveCpu(text, annotations.maxCpu)),
    mode: read(annotations.mode, (text) => oneOf(marketModes, text, annotations.mode)),
    limits: read(annotations.limits, (text) => oneOf(limitsSettings, text, annotations.limits)),
  };
  if (own.minMilli !== null && own.maxMilli !== null && own.minMilli > own.maxMilli) {
    complaints.push(errorAt(annotations.minCpu, values[annotations.minCpu], `is more than ${annotations.maxCpu}`));
    own.minMilli = null;
  }
  return { policy: over(own, others), complaints };
}

type Own = Omit<PodPolicy, "weight"> & { readonly weight: number | null };

function over(own: Own, others: PodPolicy): PodPolicy {
  return {
    weight: own.weight ?? others.weight,
    ...boundsOver(own, others),
    mode: own.mode !== null && others.mode !== null ? lesserMode(own.mode, others.mode) : (own.mode ?? others.mode),
    limits: own.limits ?? others.limits,
  };
}

/** A bound of others gives way to one that the owner has set. */
function boundsOver(own: Own, others: PodPolicy): Pick<PodPolicy, "minMilli" | "maxMilli"> {
  const minMilli = own.minMilli ?? others.minMilli;
  const maxMilli = own.maxMilli ?? others.maxMilli;
  if (minMilli === null || maxMilli === null || minMilli <= maxMilli) return { minMilli, maxMilli };
  return own.minMilli === null ? { minMilli: null, maxMilli } : { minMilli, maxMilli: null };
}

function parseWeight(text: string): number {
  const weight = Number(text);
  if (text.trim() === "" || !(weight >= leastWeight && weight <= mostWeight)) {
    throw errorAt(annotations.weight, text, `is not a number from ${leastWeight} to ${mostWeight}`);
  }
  return weight;
}

function positiveCpu(text: string, key: string): number {
  const milli = parseCpu(text, key);
  if (milli <= 0) throw errorAt(key, text, "is not more than zero");
  return milli;
}

function oneOf<Word extends string>(words: readonly Word[], text: string, key: string): Word {
  const word = words.find((known) => known === text);
  if (word === undefined) throw errorAt(key, text, `is not one of ${words.join(", ")}`);
  return word;
}
