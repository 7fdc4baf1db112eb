export { type ActuatorsConfig, readActuators } from "./config/actuators.ts";
export { actuatorsIn, plannerFrom, readJson, type Warned } from "./config/files.ts";
export { type PlannerConfig, readPlannerConfig } from "./config/planner.ts";
export { type DecideConfig, decideIntents } from "./decide/decide.ts";
export type { IntentDecision, Rejection } from "./decide/decision.ts";
export {
  type Action,
  type IntentHistory,
  type IntentSnapshot,
  type KpiType,
  kpiTypes,
  type Measurement,
  type Objective,
  type PlanningSnapshot,
  type PodState,
  type Profile,
} from "./decide/snapshot.ts";
export { IntentLoop } from "./loop/loop.ts";
export type { PlanEvent, SeenIntent } from "./loop/ports.ts";
export type { LoopParts } from "./loop/steps.ts";
export type { IntentsView, IntentView } from "./explain/view.ts";
export { type Effect, loadGroup, modelsOf, readEffects } from "./models/effects.ts";
export { learnCpu, type Learnt, learnReplicas, type Observation } from "./models/learn.ts";
export { learnLoad } from "./models/learnLoad.ts";
export { observationOf } from "./models/observation.ts";
