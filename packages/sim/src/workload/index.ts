export type { Curve } from "./curve.ts";
export { curveOf, type Demand, demandSchema } from "./demand.ts";
export { idleLoad, type Load, loadAnnotation, loadOf, loadSchema } from "./load.ts";
export { seedFor } from "./seed.ts";
