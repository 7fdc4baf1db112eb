import { type Plan, slotName } from "@walras/controller/gpu";
import { table } from "@walras/kit/bench";

/** A plan for people. */
export function printPlan({ placed, unplaced, conditions, moves, allocatedGpuMilli, preempted }: Plan): string {
  const rows = [
    ...placed.map(({ pod, node, gpus }) => ({ POD: pod, NODE: node, GPUS: gpus.length === 0 ? "-" : named(gpus) })),
    ...unplaced.map(({ pod, reason }) => ({ POD: pod, NODE: "-", GPUS: "-", WHY: reason })),
  ];
  const wrong = conditions.map(({ type, entry, message }) => `map entry ${entry}: ${type}: ${message}\n`);
  const moved = moves.map(({ pod, from, to }) => `move ${pod} from ${at(from)} to ${at(to)}\n`);
  const gave = preempted.map(({ pod, by }) => `${pod} gives way to ${by}\n`);
  const sum = `${placed.length} placed, ${unplaced.length} not, ${allocatedGpuMilli} m of GPU allocated\n`;
  return `${rows.length === 0 ? "there are no pods" : table(rows)}\n${gave.join("")}${moved.join("")}${wrong.join("")}${sum}`;
}

function at({ node, gpus }: { readonly node: string; readonly gpus: readonly number[] }): string {
  return gpus.length === 0 ? node : `${node}:${named(gpus)}`;
}

function named(gpus: readonly number[]): string {
  return gpus.map(slotName).join(",");
}
