import { plan, type Plan } from "@walras/controller/gpu";

import { readJson, readText } from "./files.ts";
import { readNodes, readPods } from "./input.ts";
import { readMap } from "./map.ts";

export interface PlanFiles {
  readonly nodes: string;
  readonly pods: string;
  readonly map?: string;
}

/** As it is printed: conditions are of a map, so that without one there are none. */
type Answer = Omit<Plan, "conditions"> & Partial<Pick<Plan, "conditions">>;

/** Decides from files. @throws FieldError naming file, index, field and value */
export function planFiles({ nodes, pods, map }: PlanFiles): { answer: Answer; plan: Plan } {
  const decided = plan({
    nodes: readNodes(readJson("--nodes", nodes), nodes),
    pods: readPods(readJson("--pods", pods), pods),
    map: map === undefined ? null : readMap(readText("--map", map), map),
  });
  const { conditions, ...rest } = decided;
  return { answer: map === undefined ? rest : decided, plan: { ...rest, conditions } };
}
