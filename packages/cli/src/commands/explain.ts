import { type ExplainedKind, explainedKinds } from "@walras/api";
import { Argument, Command } from "commander";

import type { ExplainOptions } from "../explain/explain.ts";
import { type OutputFlags, show, withOutput } from "../output/output.ts";

type Flags = ExplainOptions & OutputFlags & { readonly kubeconfig?: string };

/** walras explain: how something stands and why. */
export function explainCommand(): Command {
  const command = new Command("explain")
    .description("how a pod, node, application, batch slot, GPU or intent stands, why, and what would change it")
    .addArgument(new Argument("<kind>", "what it is").choices(explainedKinds))
    .argument("<name>", "NAME or NAMESPACE/NAME; of a slot its ScaledJob's; of a GPU NODE:INDEX")
    .option(
      "-n, --namespace <name>",
      "where it is, unless its name says; default, or where there is one application of that name",
    )
    .option("--kubeconfig <file>", "credentials that may read it and its Events")
    .option("--carla-namespace <name>", "of an application: where CARLA runs, and its freeze is", "carla")
    .option("--batch-eligible <key=value>", "of a slot: the label of nodes that take jobs", "posture/eligible=true")
    .option("--view <url>", "of an intent: the planner's ops port, for its last round")
    .option("--token-file <file>", "with --view: bearer token of somebody who may get /intents");
  return withOutput(command).action(
    async (kind: ExplainedKind, name: string, { kubeconfig, output, ...options }: Flags) => {
      const { connected } = await import("../cluster/connect.ts");
      const { explain } = await import("../explain/explain.ts");
      const { printExplanation } = await import("../explain/print.ts");
      const explanation = await connected(kubeconfig, (transport) => explain(kind, name, options, transport));
      await show(explanation, { output }, printExplanation);
    },
  );
}
