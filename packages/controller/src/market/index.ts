export { type Allocation, type Bid, clear, type Clearing, Market, type MarketMode } from "./clear.ts";
export { type Demand, observe, type UsageSample } from "./demand.ts";
export { decide } from "./decide.ts";
export { defaultMarketPolicy, type MarketPolicy } from "./policy.ts";
export type { NodeDecision, NodeSnapshot, PodBidder, Target } from "./snapshot.ts";
