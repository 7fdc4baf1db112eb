import { type Allocation, type Bid, clear } from "@walras/controller/market";
import { errorAt, parseWith } from "@walras/kit";
import { Command } from "commander";
import { z } from "zod";

import { type OutputFlags, show, withOutput } from "../output/output.ts";
import { type Column, tableText } from "../output/table.ts";
import { readJsonInput } from "../stdin.ts";

const milli = z.number().min(0).max(1e9);

const marketSchema = z.strictObject({
  capacityMilli: milli,
  bids: z
    .array(
      z.strictObject({
        id: z.string().min(1),
        weight: z.number().positive().max(1e9),
        floorMilli: milli,
        capMilli: milli,
      }),
    )
    .max(100_000),
});

/** walras market: the market by itself, without a cluster. */
export function marketCommand(): Command {
  const market = new Command("market").description("the market by itself, without a cluster");
  withOutput(market.command("clear"), "json")
    .description("clear one market, read from standard input as JSON")
    .action(async (flags: OutputFlags) => {
      const { capacityMilli, bids } = readMarket(await readJsonInput());
      const { mode, price, allocations } = clear(capacityMilli, bids);
      const cleared = { mode, price: Number.isFinite(price) ? price : null, allocations };
      await show(cleared, flags, (_, screen) => tableText(columns, allocations, screen));
    });
  return market;
}

const columns: readonly Column<Allocation>[] = [
  { head: "ID", of: ({ id }) => id },
  { head: "MILLICORES", of: (one) => String(one.milli), right: true },
];

/** @throws FieldError naming the field and its value */
function readMarket(input: unknown): { capacityMilli: number; bids: readonly Bid[] } {
  const market = parseWith(marketSchema, input, "");
  const seen = new Set<string>();
  market.bids.forEach(({ id, floorMilli, capMilli }, index) => {
    if (seen.has(id)) throw errorAt(`bids.${index}.id`, id, "stands for another bid already");
    if (capMilli < floorMilli)
      throw errorAt(`bids.${index}.capMilli`, capMilli, `is less than floorMilli ${floorMilli}`);
    seen.add(id);
  });
  return market;
}
