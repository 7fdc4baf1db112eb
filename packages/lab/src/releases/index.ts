export { compareRules, type Comparison, summarize } from "./compare.ts";
export { type LabConfig, type LabFiles, readLabConfig } from "./config.ts";
export { type Outcome, outcomeOf } from "./outcome.ts";
export { type RecordedOptions, type Recording, sceneFromRecording } from "./recorded.ts";
export type { LabApp, LabView, Operation, ReleaseRule } from "./rule.ts";
export { newRules } from "./rules/index.ts";
export { type Replay, replay } from "./run.ts";
export { type ScenarioName, scenarioNames, type SceneOptions, sceneOf } from "./scenario.ts";
export type { Scene } from "./world.ts";
