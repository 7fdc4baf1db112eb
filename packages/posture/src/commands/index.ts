import { parseDuration, systemClock } from "@walras/kit";
import { Command } from "commander";

import { defaultFlags, type PostureFlags } from "./flags.ts";
import type { PostureOptions } from "./options.ts";

/** walras posture: the example of batch slots, analyzers of pictures. */
export function postureCommand(): Command {
  const posture = new Command("posture").description("posture analyzers: jobs that KEDA starts where a node has room");
  posture.addCommand(upCommand());
  posture.addCommand(downCommand());
  return posture;
}

interface UpFlags extends PostureFlags {
  readonly kubeconfig?: string;
  readonly dryRun?: boolean;
}

function upCommand(): Command {
  return new Command("up")
    .description("make the analyzers' ScaledJobs and their configuration, or change them to what is said here")
    .option("--namespace <name>", "of all of it", defaultFlags.namespace)
    .option("--jobs <n>", "how many ScaledJobs, at most 100", defaultFlags.jobs)
    .option("--image <image>", "of the analyzer", defaultFlags.image)
    .option("--scaler-address <host:port>", "where KEDA asks", defaultFlags.scalerAddress)
    .option("--broker <host[:port]>", "MQTT broker that the pictures come from", defaultFlags.broker)
    .option("--copies <numbers>", "for each loop: how many copies of its picture are analyzed", defaultFlags.copies)
    .option("--memory <quantity>", "limit of each analyzer", defaultFlags.memory)
    .option("--demand <key=value...>", "more metadata of every trigger, such as demand=jobs selector=app=work", [])
    .option("--kubeconfig <file>", "credentials that may make all of it")
    .option("--dry-run", "print it as YAML and ask no cluster")
    .action(async ({ kubeconfig, dryRun, ...flags }: UpFlags) => {
      const { readOptions } = await import("./options.ts");
      const options = readOptions(flags);
      if (dryRun) return printYaml(options);
      const [{ up }, { printer }, { withCluster }] = await Promise.all([
        import("./up.ts"),
        import("./teller.ts"),
        import("./connect.ts"),
      ]);
      return withCluster(kubeconfig, (transport) => up(transport, options, printer));
    });
}

async function printYaml(options: PostureOptions): Promise<void> {
  const { manifestsOf, toYaml } = await import("./manifests.ts");
  process.stdout.write(toYaml(manifestsOf(options).map(({ object }) => object)));
}

interface DownFlags {
  readonly namespace: string;
  readonly timeout: string;
  readonly labels?: boolean;
  readonly deleteNamespace?: boolean;
  readonly kubeconfig?: string;
}

function downCommand(): Command {
  return new Command("down")
    .description("delete the analyzers' ScaledJobs with their jobs and pods, and their configuration")
    .option("--namespace <name>", "that they are in", defaultFlags.namespace)
    .option("--timeout <duration>", "how long to wait until all of it has gone", "60s")
    .option("--labels", "take Walras's ranks from the nodes too; a scaler that runs writes them again")
    .option("--delete-namespace", "and the namespace, with whatever else is in it")
    .option("--kubeconfig <file>", "credentials that may delete all of it")
    .action(async ({ kubeconfig, labels = false, deleteNamespace = false, ...flags }: DownFlags) => {
      const { readNamespace } = await import("./options.ts");
      const namespace = readNamespace(flags.namespace);
      const timeoutMs = parseDuration(flags.timeout, "--timeout");
      const [{ down }, { printer }, { withCluster }] = await Promise.all([
        import("./down.ts"),
        import("./teller.ts"),
        import("./connect.ts"),
      ]);
      const options = { namespace, timeoutMs, labels, deleteNamespace };
      await withCluster(kubeconfig, (transport) => down(options, { transport, teller: printer, clock: systemClock }));
    });
}
