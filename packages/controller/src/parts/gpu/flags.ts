import type { Command } from "commander";
import { z } from "zod";

export const schema = z.object({ gpuSchedulerName: z.string().min(1).max(253) });

export type GpuFlags = z.infer<typeof schema>;

export function addFlags(program: Command): Command {
  return program.option(
    "--gpu-scheduler-name <name>",
    "spec.schedulerName of the pods that it places",
    "gpu-scheduler",
  );
}
