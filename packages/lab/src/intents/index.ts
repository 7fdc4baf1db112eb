export { compareDay, missedAgainst, missedAgainstBest, rowsOf } from "./compare.ts";
export { scenariosFrom } from "./scenarios.ts";
