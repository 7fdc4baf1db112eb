import { errorAt } from "@walras/kit";
import { Command } from "commander";

import { type OutputFlags, show, withOutput } from "../output/output.ts";

type Flags = OutputFlags & { readonly namespace?: string; readonly kubeconfig?: string; readonly price: string };

/** walras savings: what was declared and is not needed. */
export function savingsCommand(): Command {
  const command = new Command("savings")
    .description("cores and money by namespace: declared requests against what is asked and what is needed")
    .option("-n, --namespace <name>", "of pods; all where not given")
    .option("--price <amount>", "of a core-hour, in your money", "0.03")
    .option("--kubeconfig <file>", "credentials that may list pods, PodAllocations and WorkloadProfiles");
  return withOutput(command).action(async ({ kubeconfig, price, output, ...options }: Flags) => {
    const { connected } = await import("../cluster/connect.ts");
    const { savingsOf } = await import("../savings/savings.ts");
    const { printSavings } = await import("../savings/print.ts");
    const asked = { ...options, price: readPrice(price) };
    await show(await connected(kubeconfig, (transport) => savingsOf(transport, asked)), { output }, printSavings);
  });
}

const highestPrice = 1e6;

/** @throws FieldError */
function readPrice(text: string): number {
  const price = text.trim() === "" ? NaN : Number(text);
  if (price >= 0 && price <= highestPrice) return price;
  throw errorAt("--price", text, `is not a number from 0 to ${highestPrice}`);
}
