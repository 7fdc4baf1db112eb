import type { Plan } from "@walras/controller/gpu";
import { table } from "@walras/kit/bench";

/** A plan for people. */
export function printPlan({ placed, unplaced, conditions, allocatedGpuMilli }: Plan): string {
  const rows = [
    ...placed.map(({ pod, node, gpus }) => ({ POD: pod, NODE: node, GPUS: gpus.length === 0 ? "-" : gpus.join(",") })),
    ...unplaced.map(({ pod, reason }) => ({ POD: pod, NODE: "-", GPUS: "-", WHY: reason })),
  ];
  const wrong = conditions.map(({ type, entry, message }) => `map entry ${entry}: ${type}: ${message}\n`);
  const sum = `${placed.length} placed, ${unplaced.length} not, ${allocatedGpuMilli} m of GPU allocated\n`;
  return `${rows.length === 0 ? "there are no pods" : table(rows)}\n${wrong.join("")}${sum}`;
}
