export { clairvoyantMilli } from "./bound.ts";
export { arrivalsOf, mixVariants } from "./mixes.ts";
export { packingRules } from "./rules.ts";
export { readTrace } from "./trace.ts";
