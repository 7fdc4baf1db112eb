/**
 * How far the market goes, from nothing to everything:
 * - off: the pod is left alone
 * - recommend: PodAllocation says what would be done
 * - requests: requests are resized, limits stay
 * - full: requests and limits are resized
 */
export const marketModes = ["off", "recommend", "requests", "full"] as const;
export type MarketModeSetting = (typeof marketModes)[number];

/**
 * What limits are for:
 * - ample: a ceiling, never below what was declared while the node has room
 * - tight: what follows use, for owners who are billed by it
 */
export const limitsSettings = ["ample", "tight"] as const;
export type LimitsSetting = (typeof limitsSettings)[number];

/** The more careful of two. */
export function lesserMode(one: MarketModeSetting, other: MarketModeSetting): MarketModeSetting {
  return marketModes.indexOf(one) < marketModes.indexOf(other) ? one : other;
}
