import { isInstance, plan, type Plan, slotName } from "@walras/controller/gpu";
import { errorAt } from "@walras/kit";

import { readJson, readText } from "./files.ts";
import { readNodes, readPods } from "./input.ts";
import { readMap } from "./map.ts";

export interface PlanFiles {
  readonly nodes?: string;
  readonly pods?: string;
  readonly map?: string;
  /** How many pods may move. */
  readonly defragment?: string;
}

interface Shown {
  readonly pod: string;
  readonly node: string;
  /** A MIG instance is "0:1". */
  readonly gpus: readonly (number | string)[];
}

/** As it is printed: conditions are of a map, moves of a defragmentation; without these there are none. */
type Answer = Pick<Plan, "unplaced" | "allocatedGpuMilli"> &
  Partial<Pick<Plan, "conditions" | "moves" | "preempted">> & { readonly placed: readonly Shown[] };

/** Decides from files. @throws FieldError naming file, index, field and value */
export function planFiles({ nodes, pods, map, defragment }: PlanFiles): { answer: Answer; plan: Plan } {
  const decided = plan({
    nodes: readNodes(...jsonOf("--nodes", nodes)),
    pods: readPods(...jsonOf("--pods", pods)),
    map: map === undefined ? null : readMap(readText("--map", map), map),
    mostMoves: defragment === undefined ? 0 : readCount(defragment),
  });
  const { placed, unplaced, moves, allocatedGpuMilli, conditions, preempted } = decided;
  const answer = {
    placed: placed.map(({ gpus, ...place }) => ({
      ...place,
      gpus: gpus.map((slot) => (isInstance(slot) ? slotName(slot) : slot)),
    })),
    unplaced,
    allocatedGpuMilli,
    ...(preempted.length === 0 ? {} : { preempted }),
    ...(defragment === undefined ? {} : { moves }),
    ...(map === undefined ? {} : { conditions }),
  };
  return { answer, plan: decided };
}

/** What a file holds, and its name. */
function jsonOf(flag: string, file: string | undefined): [unknown, string] {
  if (file === undefined) throw errorAt(flag, file, "must be given");
  return [readJson(flag, file), file];
}

function readCount(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw errorAt("--defragment", text, "is not a whole number from 0 to 999999");
  return Number(text);
}
