import { parseDuration, shutdownSignal, sleep, systemClock } from "@walras/kit";
import { Argument, Command, Option } from "commander";

import { type OutputFlags, show, withOutput } from "../output/output.ts";
import type { Throttling } from "../cluster/throttling.ts";
import { topOrders } from "../top/orders.ts";
import type { TopOptions } from "../top/top.ts";

interface Flags extends Omit<TopOptions, "throttling">, OutputFlags {
  readonly kubeconfig?: string;
  readonly view?: string;
  readonly tokenFile?: string;
  /** In milliseconds; once where not given. */
  readonly watch?: number;
}

const clearScreen = "\u001B[2J\u001B[H";

/** walras top: prices, promises and rations, now. */
export function topCommand(): Command {
  const command = new Command("top")
    .description("nodes or pods by price: what is promised, used, throttled and rationed")
    .addArgument(new Argument("[what]", "nodes or pods").choices(["nodes", "pods"]).default("nodes"))
    .option("-n, --namespace <name>", "of pods; all where not given")
    .addOption(new Option("--sort <by>", "the most first").choices(topOrders).default("price"))
    .addOption(
      new Option("--watch [duration]", "again and again, each so long")
        .preset("2s")
        .argParser((text) => parseDuration(text, "--watch")),
    )
    .option("--view <url>", "the ops port of the controller that leads, which knows how much is throttled")
    .option("--token-file <file>", "with --view: bearer token of somebody who may get /demand")
    .option("--kubeconfig <file>", "credentials that may list nodes, pods and PodAllocations");
  return withOutput(command).action(async (what: "nodes" | "pods", flags: Flags) => {
    const { connected } = await import("../cluster/connect.ts");
    const { topNodes, topPods } = await import("../top/top.ts");
    const { printNodes, printPods } = await import("../top/print.ts");
    await connected(flags.kubeconfig, (transport) =>
      repeatedly(flags.watch, async () => {
        const options = { ...flags, throttling: await throttlingNow(flags) };
        if (what === "nodes") await show(await topNodes(transport, options), flags, printNodes);
        else await show(await topPods(transport, options), flags, printPods);
      }),
    );
  });
}

/** @throws FieldError where the view cannot be had */
async function throttlingNow({ view, tokenFile }: Flags): Promise<Throttling> {
  const { notAsked, throttlingOf } = await import("../cluster/throttling.ts");
  if (view === undefined) return notAsked;
  const { readView } = await import("../cluster/view.ts");
  return throttlingOf(await readView("/demand", view, tokenFile));
}

/** Once, or until the program is told to end. */
async function repeatedly(everyMs: Flags["watch"], once: () => Promise<void>): Promise<void> {
  if (everyMs === undefined) return once();
  const abort = new AbortController();
  void shutdownSignal().then(() => abort.abort());
  while (!abort.signal.aborted) {
    if (process.stdout.isTTY) process.stdout.write(clearScreen);
    await once();
    await sleep(systemClock, everyMs, abort.signal);
  }
}
