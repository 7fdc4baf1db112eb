export { chart } from "./days/chart.ts";
export { compareDays, type Compared, ratiosOf, rowsOf } from "./days/compare.ts";
export { readRecording } from "./days/recordings.ts";
export { peerRules } from "./rules/index.ts";
export { walrasRules } from "./rules/walras.ts";
