import { errorAt, FieldError, parseCpu } from "@walras/kit";

import { type LimitsSetting, limitsSettings, marketModes, type MarketModeSetting } from "./mode.ts";
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
const leastWeight = 0.001;
const greatestWeight = 1000;

/**
 * Reads a pod's annotations. A wrong one is reported and left out; the others
 * still count.
 */
export function readPodPolicy(values: Readonly<Record<string, string>>): {
  policy: PodPolicy;
  complaints: readonly PolicyComplaint[];
} {
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
  const policy = {
    weight: read(annotations.weight, parseWeight) ?? 1,
    minMilli: read(annotations.minCpu, (text) => positiveCpu(text, annotations.minCpu)),
    maxMilli: read(annotations.maxCpu, (text) => positiveCpu(text, annotations.maxCpu)),
    mode: read(annotations.mode, (text) => oneOf(marketModes, text, annotations.mode)),
    limits: read(annotations.limits, (text) => oneOf(limitsSettings, text, annotations.limits)),
  };
  if (policy.minMilli !== null && policy.maxMilli !== null && policy.minMilli > policy.maxMilli) {
    complaints.push(errorAt(annotations.minCpu, values[annotations.minCpu], `is more than ${annotations.maxCpu}`));
    return { policy: { ...policy, minMilli: null }, complaints };
  }
  return { policy, complaints };
}

function parseWeight(text: string): number {
  const weight = Number(text);
  if (text.trim() === "" || !(weight >= leastWeight && weight <= greatestWeight)) {
    throw errorAt(annotations.weight, text, `is not a number from ${leastWeight} to ${greatestWeight}`);
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
