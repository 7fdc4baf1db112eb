import { errorAt } from "@walras/kit";
import { Command } from "commander";

import { type OutputFlags, show, warn, withOutput } from "../output/output.ts";

/** walras intent: how workloads reach their KPI targets. */
export function intentCommand(): Command {
  const intent = new Command("intent").description("KPI targets: what would be done to reach them, and why");
  intent.addCommand(planCommand());
  intent.addCommand(learnCommand());
  intent.addCommand(explainCommand());
  return intent;
}

interface PlanFlags extends OutputFlags {
  readonly config?: string;
  readonly state?: string;
  readonly trace?: string;
  readonly prototype?: boolean;
}

function planCommand(): Command {
  return withOutput(new Command("plan"))
    .description("plan for what a file describes, or for each event of a recording, and do nothing")
    .option("--config <file>", "defaults.json of planner-configmap; where not given, its defaults")
    .option("--state <file>", "intents, profiles, current values, pods and effects, as JSON")
    .option("--trace <folder>", "recordings of the prototype: events.json and effects.json")
    .option("--prototype", "with --state: by the prototype's rules, as recordings are replayed")
    .action(async (flags: PlanFlags) => {
      if (flags.trace === undefined) await planState(flags);
      else if (flags.state === undefined) await planTrace(flags.trace, flags);
      else throw errorAt("--trace", flags.trace, "does not go with --state");
    });
}

async function planState({ state, config, prototype = false, output }: PlanFlags): Promise<void> {
  if (state === undefined) throw errorAt("--state", state, "is missing; --trace is the other way");
  const { plan } = await import("../intents/plan.ts");
  const { answerOf, printDecisions } = await import("../intents/print.ts");
  const { decisions, warnings } = plan({ state, prototype, ...(config !== undefined && { config }) });
  warn(warnings);
  await show(answerOf(decisions), { output }, () => printDecisions(decisions));
}

async function planTrace(folder: string, { config, output }: PlanFlags): Promise<void> {
  const { replayTraces } = await import("../intents/trace.ts");
  const { printReplays, replayAnswer } = await import("../intents/print.ts");
  const replays = replayTraces(folder, config);
  warn(new Set(replays.flatMap((replay) => replay.warnings)));
  await show(replayAnswer(replays), { output }, () => printReplays(replays));
}

function learnCommand(): Command {
  return withOutput(new Command("learn"))
    .description("fit the models of latency to a recording")
    .requiredOption("--trace <folder>", "with events.json")
    .action(async ({ trace, output }: OutputFlags & { readonly trace: string }) => {
      const { effectsOf, learnFrom, printLessons } = await import("../intents/learn.ts");
      const lessons = learnFrom(trace);
      await show(effectsOf(lessons), { output }, () => printLessons(lessons));
    });
}

interface ExplainFlags extends OutputFlags {
  readonly namespace: string;
  readonly kubeconfig?: string;
  readonly view?: string;
  readonly tokenFile?: string;
}

function explainCommand(): Command {
  return withOutput(new Command("explain"))
    .description("how an Intent stands: objectives, conditions, and the last plan with what came of it")
    .argument("<name>", "the Intent: its name, or namespace/name")
    .option("--namespace <name>", "where it is, unless its name says", "default")
    .option("--kubeconfig <file>", "credentials that may get Intents")
    .option("--view <url>", "the planner's ops port: what was decided in its last round, and why")
    .option("--token-file <file>", "with --view: bearer token of somebody who may get /intents")
    .action(async (name: string, { kubeconfig, output, ...options }: ExplainFlags) => {
      const { connected } = await import("../cluster/connect.ts");
      const { explainIntent, printExplained } = await import("../intents/explain.ts");
      const explained = await connected(kubeconfig, (transport) => explainIntent(name, options, transport));
      await show(explained, { output }, printExplained);
    });
}
