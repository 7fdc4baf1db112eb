import { parseDuration, shutdownSignal, sleep, systemClock } from "@walras/kit";
import { Argument, Command } from "commander";

import { type OutputFlags, show, withOutput } from "../output/output.ts";
import type { TopOptions } from "../top/top.ts";

interface Flags extends TopOptions, OutputFlags {
  readonly kubeconfig?: string;
  /** true: without a duration */
  readonly watch?: string | true;
}

const defaultWatch = "2s";
const clearScreen = "\u001B[2J\u001B[H";

/** walras top: prices, promises and rations, now. */
export function topCommand(): Command {
  const command = new Command("top")
    .description("nodes or pods by price: what is promised, used and rationed")
    .addArgument(new Argument("[what]", "nodes or pods").choices(["nodes", "pods"]).default("nodes"))
    .option("-n, --namespace <name>", "of pods; all where not given")
    .option("--sort <by>", "price, promised, rationed, used or name", "price")
    .option("--watch [duration]", `again and again, each ${defaultWatch} unless told`)
    .option("--kubeconfig <file>", "credentials that may list nodes, pods and PodAllocations");
  return withOutput(command).action(async (what: "nodes" | "pods", flags: Flags) => {
    const { connected } = await import("../cluster/connect.ts");
    const { topNodes, topPods } = await import("../top/top.ts");
    const { printNodes, printPods } = await import("../top/print.ts");
    await connected(flags.kubeconfig, (transport) =>
      repeatedly(flags.watch, async () => {
        if (what === "nodes") await show(await topNodes(transport, flags), flags, printNodes);
        else await show(await topPods(transport, flags), flags, printPods);
      }),
    );
  });
}

/** Once, or until the program is told to end. */
async function repeatedly(watch: Flags["watch"], once: () => Promise<void>): Promise<void> {
  if (watch === undefined) return once();
  const everyMs = parseDuration(watch === true ? defaultWatch : watch, "--watch");
  const abort = new AbortController();
  void shutdownSignal().then(() => abort.abort());
  while (!abort.signal.aborted) {
    if (process.stdout.isTTY) process.stdout.write(clearScreen);
    await once();
    await sleep(systemClock, everyMs, abort.signal);
  }
}
