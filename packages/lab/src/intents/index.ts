export { compareDay, missedAgainstBest, rowsOf } from "./compare.ts";
export { scenariosFrom } from "./scenarios.ts";
