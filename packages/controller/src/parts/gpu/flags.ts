import type { Command } from "commander";
import { z } from "zod";

import { addAdmissionFlags, admissionShape } from "./admission/flags.ts";

export const schema = z.object({
  gpuSchedulerName: z.string().min(1).max(253),
  gpuPreemption: z.boolean(),
  ...admissionShape,
});

export type GpuFlags = z.infer<typeof schema>;

export function addFlags(program: Command): Command {
  program
    .option("--gpu-scheduler-name <name>", "spec.schedulerName of the pods that it places", "gpu-scheduler")
    .option("--no-gpu-preemption", "evict nobody for pods of higher priority");
  return addAdmissionFlags(program);
}
