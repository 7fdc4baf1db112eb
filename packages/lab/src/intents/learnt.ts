import {
  learnLoad,
  type Learnt,
  learnReplicas,
  loadGroup,
  modelsOf,
  type Observation,
  readEffects,
} from "@walras/controller/intents";

import { intentName, p99 } from "./rules/intent.ts";

type Models = ReturnType<typeof modelsOf>;

/**
 * What was learnt of a day.
 *
 * @param own false: as the prototype has it, whose model of CPU takes moments with one replica, of which there are none
 * @throws Error saying why nothing could be learnt
 */
export function learntFrom(seen: readonly Observation[], own: boolean): Models {
  const group = own ? loadGroup : "scaling";
  const { data } = told(own ? learnLoad(seen) : learnReplicas(seen));
  const effect = { name: intentName, group, profileName: p99, data };
  return modelsOf(readEffects([effect], "effects"), { intent: intentName, since: null, file: "effects" });
}

function told(learnt: Learnt | string): Learnt {
  if (typeof learnt === "string") throw new Error(`nothing was learnt of the day before: ${learnt}`);
  return learnt;
}
