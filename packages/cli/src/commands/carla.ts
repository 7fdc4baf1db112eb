import { parseDuration } from "@walras/kit";
import { Command } from "commander";

import type { PlanOptions } from "../carla/plan.ts";
import { simulateCommand } from "./carlaSimulate.ts";

/** walras carla: releases, when and why. */
export function carlaCommand(): Command {
  const carla = new Command("carla").description("releases: what would go when, and why");
  carla.addCommand(planCommand());
  carla.addCommand(approveCommand());
  carla.addCommand(simulateCommand());
  return carla;
}

function planCommand(): Command {
  return new Command("plan")
    .description("decide the next tick, from live state or from a file, and release nothing")
    .option("--policy <file>", "carla_policy.yaml", process.env["CARLA_POLICY"] ?? "/app/configs/carla_policy.yaml")
    .option("--apps <file>", "apps.yaml", process.env["CARLA_APPS"] ?? "/app/configs/apps.yaml")
    .option("--state <file>", "decide from this instead of a cluster: usage and applications, as JSON")
    .option("--now <time>", "with --state: the moment to decide for, such as 2026-03-29T02:30:00Z")
    .option("--kubeconfig <file>", "where load is read from metrics.k8s.io")
    .option("--json", "print JSON")
    .action(async (options: PlanOptions & { readonly json?: boolean }) => {
      const { plan } = await import("../carla/plan.ts");
      const { printAnswer } = await import("../carla/print.ts");
      const { answer, warnings } = await plan(options);
      for (const warning of warnings) process.stderr.write(`walras: warning: ${warning}\n`);
      process.stdout.write(options.json ? `${JSON.stringify(answer)}\n` : printAnswer(answer));
    });
}

interface ApproveFlags {
  readonly namespace?: string;
  readonly kubeconfig?: string;
  readonly for: string;
  readonly by?: string;
  readonly revision?: string;
  readonly revoke?: boolean;
}

function approveCommand(): Command {
  return new Command("approve")
    .description("consent to the release of a high-risk application for a while")
    .argument("<application>", "its name, or namespace/name")
    .option("--namespace <name>", "of the Application; where there is one of that name, otherwise")
    .option("--for <duration>", "how long the consent is good, at most 168h", "45m")
    .option("--by <name>", "who consents; the user of this machine")
    .option("--revision <revision>", "only this one; what is pending now")
    .option("--revoke", "take the consent back")
    .option("--kubeconfig <file>", "credentials that may patch the Application")
    .action(async (app: string, { for: duration, revoke = false, ...options }: ApproveFlags) => {
      const { approve } = await import("../carla/approve.ts");
      const done = await approve(app, { ...options, revoke, forMs: parseDuration(duration, "--for") });
      process.stdout.write(`${done}\n`);
    });
}
