export { nodeNames } from "./check.ts";
export { loadScenario, parseScenario } from "./load.ts";
export { podsOf, type PodToCreate } from "./pods.ts";
export { type Fault, type NodeGroup, type PodGroup, type Scenario, scenarioSchema } from "./schema.ts";
