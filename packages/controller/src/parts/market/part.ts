import { commonDefaults } from "../../base/config/flags.ts";
import { definePart } from "../part.ts";
import { addFlags, type MarketFlags, schema } from "./flags.ts";

/** CPU, divided anew each second. */
export const marketPart = definePart<MarketFlags>({
  name: "market",
  addFlags,
  schema,
  alone: commonDefaults,
  needsAgents: true,
  load: async () => (await import("./wire.ts")).wireMarket,
});
