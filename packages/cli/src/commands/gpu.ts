import { Command } from "commander";

import type { PlanFiles } from "../gpu/plan.ts";
import { type OutputFlags, show, withOutput } from "../output/output.ts";

/** walras gpu: which pod would get which GPU. */
export function gpuCommand(): Command {
  const gpu = new Command("gpu").description("GPUs: which pod would get which, and why");
  withOutput(gpu.command("plan"))
    .description("place pods on nodes with GPUs, from files and without a cluster")
    .option("--nodes <file>", "JSON: name, cpuMilli, memoryMiB, gpus and model of each node")
    .option("--pods <file>", "JSON: name, cpuMilli, memoryMiB, gpus, gpuMilli and models of each pod, as they arrive")
    .option("--map <file>", "a scheduling map: a chart's values, or lines such as 0=node1:0,1")
    .option("--defragment <number>", "move at most so many of the pods placed so that others have room")
    .action(async (flags: PlanFiles & OutputFlags) => {
      const { planFiles } = await import("../gpu/plan.ts");
      const { printPlan } = await import("../gpu/print.ts");
      const { answer, plan } = planFiles(flags);
      await show(answer, flags, () => printPlan(plan));
    });
  return gpu;
}
