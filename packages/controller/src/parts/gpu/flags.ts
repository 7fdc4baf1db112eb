import { type Command, Option } from "commander";
import { z } from "zod";

import { addAdmissionFlags, admissionShape } from "./admission/flags.ts";

/** Whether moves are planned for those who wait, and whether they are made. */
const defragmentModes = ["off", "plan", "move"] as const;

export const schema = z.object({
  gpuSchedulerName: z.string().min(1).max(253),
  gpuPreemption: z.boolean(),
  gpuDefragment: z.enum(defragmentModes),
  gpuDefragmentEvery: z.coerce.number().min(10).max(86_400),
  ...admissionShape,
});

export type GpuFlags = z.infer<typeof schema>;

export function addFlags(program: Command): Command {
  program
    .option("--gpu-scheduler-name <name>", "spec.schedulerName of the pods that it places", "gpu-scheduler")
    .option("--no-gpu-preemption", "evict nobody for pods of higher priority")
    .addOption(
      new Option("--gpu-defragment <how>", "moves for pods that wait: none, planned only, or made")
        .choices(defragmentModes)
        .default("plan"),
    )
    .option("--gpu-defragment-every <seconds>", "how often that is planned", "300");
  return addAdmissionFlags(program);
}
