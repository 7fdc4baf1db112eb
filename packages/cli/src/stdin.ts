import { text } from "node:stream/consumers";

import { errorAt } from "@walras/kit";

/**
 * Standard input as JSON.
 *
 * @throws FieldError when it is not JSON
 */
export async function readJsonInput(): Promise<unknown> {
  const input = await text(process.stdin);
  try {
    return JSON.parse(input);
  } catch (error) {
    throw errorAt("input", input, `is not JSON (${error instanceof Error ? error.message : "unknown"})`);
  }
}
