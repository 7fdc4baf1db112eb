import { parseDuration, systemClock } from "@walras/kit";
import { Command, Option } from "commander";

import type { FreezeOptions } from "../carla/freeze.ts";
import type { PlanOptions } from "../carla/plan.ts";
import { exitCodes } from "../failure.ts";
import { needTemporal } from "../newerNode.ts";
import { type OutputFlags, show, warn, withOutput } from "../output/output.ts";
import { simulateCommand } from "./carlaSimulate.ts";

/** walras carla: releases, when and why. */
export function carlaCommand(): Command {
  const carla = new Command("carla").description("releases: what would go when, and why");
  carla.addCommand(planCommand());
  carla.addCommand(approveCommand());
  carla.addCommand(freezeCommand());
  carla.addCommand(unfreezeCommand());
  carla.addCommand(simulateCommand());
  return carla;
}

function planCommand(): Command {
  return withOutput(new Command("plan"))
    .description("decide the next tick, from live state or from a file, and release nothing")
    .option("--policy <file>", "carla_policy.yaml", process.env["CARLA_POLICY"] ?? "/app/configs/carla_policy.yaml")
    .option("--apps <file>", "apps.yaml", process.env["CARLA_APPS"] ?? "/app/configs/apps.yaml")
    .option("--state <file>", "decide from this instead of a cluster: usage and applications, as JSON")
    .option("--now <time>", "with --state: the moment to decide for, such as 2026-03-29T02:30:00Z")
    .option("--kubeconfig <file>", "where load is read from metrics.k8s.io")
    .option("--namespace <name>", "where CARLA runs, and its freezes are", "carla")
    .action(async (options: PlanOptions & OutputFlags) => {
      needTemporal("carla plan");
      const { plan } = await import("../carla/plan.ts");
      const { printAnswer } = await import("../carla/print.ts");
      const { answer, warnings } = await plan(options);
      warn(warnings);
      await show(answer, options, printAnswer);
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
    .action(async (app: string, { for: duration, revoke = false, kubeconfig, ...options }: ApproveFlags) => {
      const { approve } = await import("../carla/approve.ts");
      const { connected } = await import("../cluster/connect.ts");
      const asked = { ...options, revoke, forMs: parseDuration(duration, "--for") };
      const { done, warning, kept } = await connected(kubeconfig, (transport) =>
        approve(app, asked, { transport, clock: systemClock }),
      );
      if (warning !== null) warn([warning]);
      if (kept) process.stdout.write(`${done}\n`);
      else process.exitCode = exitCodes.gone;
    });
}

interface FreezeFlags extends FreezeOptions {
  readonly kubeconfig?: string;
}

function freezeCommand(): Command {
  return new Command("freeze")
    .description("stop new releases until unfreeze; what is in flight goes on")
    .option("--until <time>", "when it ends by itself: a time with a zone, or a duration such as 2h")
    .option("--except <name...>", "applications that are released all the same: their names, or namespace/name", [])
    .addOption(
      new Option("--in-flight <what>", "of syncs that run: they continue, or are terminated")
        .choices(["continue", "end"])
        .default("continue"),
    )
    .option("--by <name>", "who freezes; the user of this machine")
    .option("--reason <text>", "what for, told with every hold")
    .option("--namespace <name>", "where CARLA runs", "carla")
    .option("--kubeconfig <file>", "credentials that may update Leases there")
    .action(async ({ kubeconfig, ...options }: FreezeFlags) => {
      const { freeze, freezeOf } = await import("../carla/freeze.ts");
      const { connected } = await import("../cluster/connect.ts");
      // What is wrong with it is said before anybody is asked.
      freezeOf(options, systemClock.wallMs());
      const done = await connected(kubeconfig, (transport) => freeze(options, { transport, clock: systemClock }));
      process.stdout.write(`${done}\n`);
    });
}

function unfreezeCommand(): Command {
  return new Command("unfreeze")
    .description("lift the freeze: what piled up is released in order")
    .option("--namespace <name>", "where CARLA runs", "carla")
    .option("--kubeconfig <file>", "credentials that may update Leases there")
    .action(async ({ namespace, kubeconfig }: { readonly namespace: string; readonly kubeconfig?: string }) => {
      const { unfreeze } = await import("../carla/freeze.ts");
      const { connected } = await import("../cluster/connect.ts");
      process.stdout.write(`${await connected(kubeconfig, (transport) => unfreeze(namespace, { transport }))}\n`);
    });
}
