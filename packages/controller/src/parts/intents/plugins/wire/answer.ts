import { errorAt } from "@walras/kit";
import type { NextStateResponse } from "@walras/proto/plugins";

import type { ForeignProposal } from "../../decide/foreign/told.ts";
import { pluginLimits as limits } from "../limits.ts";
import { readAction, readState } from "./read.ts";

/**
 * A plugin's answer, all of it or nothing: what is wrong in one place is not
 * believed in another.
 *
 * @param plugin whose actions alone it may propose
 * @param intent whose states alone it may tell of
 * @throws FieldError naming the field and its value
 */
export function readAnswer(
  { states, utilities, actions }: NextStateResponse,
  { plugin, intent }: { readonly plugin: string; readonly intent: string },
): ForeignProposal[] {
  const lengths = [states.length, utilities.length, actions.length];
  if (new Set(lengths).size > 1)
    throw errorAt("states, utilities, actions", lengths.join(", "), "are not of the same length");
  if (states.length > limits.statesPerAnswer)
    throw errorAt("states", states.length, `are more than ${limits.statesPerAnswer}`);
  return states.map((message, index) => {
    const state = readState(message, `states[${index}]`);
    const key = message.intent?.key;
    if (key !== intent) throw errorAt(`states[${index}].intent.key`, key, `is not ${intent}`);
    const action = readAction(actions[index], `actions[${index}]`);
    if (action.name !== plugin) throw errorAt(`actions[${index}].name`, action.name, `is not ${plugin}`);
    return { action, utility: utilityOf(utilities[index], `utilities[${index}]`), state };
  });
}

function utilityOf(utility: number | undefined, at: string): number {
  if (utility === undefined || !Number.isFinite(utility) || utility < 0)
    throw errorAt(at, utility, "is not a number from 0 on");
  return utility;
}
