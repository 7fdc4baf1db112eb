import { errorAt, parseDuration, shutdownSignal, systemClock } from "@walras/kit";
import { Command } from "commander";

import { type OutputFlags, show, withOutput } from "../output/output.ts";
import type { Recorded } from "../record/record.ts";

interface Flags extends OutputFlags {
  readonly out: string;
  readonly for: string;
  readonly interval: string;
  readonly mostMib: string;
  readonly view: string;
  readonly tokenFile?: string;
  readonly kubeconfig?: string;
}

/** walras record: what agents report and pods declare, for walras replay. */
export function recordCommand(): Command {
  const command = new Command("record")
    .description("write down what agents report and pods declare, to be played again by replay")
    .requiredOption("--out <file>", "what it is written to; it must not be there")
    .requiredOption("--view <url>", "the ops port of the controller that leads, where agents' reports are shown")
    .option("--token-file <file>", "bearer token of somebody who may get /demand there")
    .option("--for <duration>", "how long", "10m")
    .option("--interval <duration>", "between two readings", "1s")
    .option("--most-mib <n>", "it ends when the file has so many mebibytes", "64")
    .option("--kubeconfig <file>", "credentials that may list nodes, pods, namespaces and PodAllocations");
  return withOutput(command).action(recordNow);
}

async function recordNow(flags: Flags): Promise<void> {
  const { connected } = await import("../cluster/connect.ts");
  const { readView } = await import("../cluster/view.ts");
  const { record } = await import("../record/record.ts");
  const { Progress } = await import("../output/progress.ts");
  const options = {
    out: flags.out,
    forMs: parseDuration(flags.for, "--for"),
    intervalMs: parseDuration(flags.interval, "--interval"),
    mostBytes: readMib(flags.mostMib) * 2 ** 20,
  };
  const abort = new AbortController();
  void shutdownSignal().then(() => abort.abort());
  const progress = new Progress("recording");
  const around = {
    demand: (): Promise<unknown> => readView("/demand", flags.view, flags.tokenFile),
    clock: systemClock,
    signal: abort.signal,
    progress: (share: number): void => progress.at(share),
  };
  const recorded = await connected(flags.kubeconfig, (transport) => record(options, { ...around, transport }));
  progress.end();
  await show(recorded, flags, recordedText);
}

function recordedText({ file, seconds, containers, bytes, ended }: Recorded): string {
  const why = ended === "time" ? "" : `, ended by ${ended === "size" ? "--most-mib" : "a signal"}`;
  return `${file}: ${seconds} s of ${containers} containers, ${Math.ceil(bytes / 1024)} KiB${why}\n`;
}

/** @throws FieldError */
function readMib(text: string): number {
  const mib = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (mib > 0) return mib;
  throw errorAt("--most-mib", text, "is not a whole number from 1 to 9999");
}
