import { Command } from "commander";

import { type OutputFlags, show, withOutput } from "../output/output.ts";
import type { PlanOptions } from "../plan/plan.ts";

type Flags = PlanOptions & OutputFlags & { readonly kubeconfig?: string; readonly all?: boolean };

/** walras plan: what the market would change. */
export function planCommand(): Command {
  const command = new Command("plan")
    .description("what the market would change of each pod, and together; nothing is changed")
    .option("-n, --namespace <name>", "of pods; all where not given")
    .option("--all", "pods too of which the request stays as it is")
    .option("--kubeconfig <file>", "credentials that may list pods, PodAllocations and WorkloadProfiles");
  return withOutput(command).action(async ({ kubeconfig, all = false, output, ...options }: Flags) => {
    const { connected } = await import("../cluster/connect.ts");
    const { planOf } = await import("../plan/plan.ts");
    const { printPlan } = await import("../plan/print.ts");
    const plan = await connected(kubeconfig, (transport) => planOf(transport, options));
    await show(plan, { output }, (one, screen) => printPlan(one, all, screen));
  });
}
