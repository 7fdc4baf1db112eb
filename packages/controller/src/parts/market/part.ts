import { commonDefaults } from "../../base/config/flags.ts";
import { definePart } from "../part.ts";
import { addFlags, fileOnly, live, type MarketFlags, schema } from "./flags.ts";

/** CPU, divided anew each second. */
export const marketPart = definePart<MarketFlags>({
  name: "market",
  addFlags,
  schema,
  fileOnly,
  live,
  alone: commonDefaults,
  needsAgents: true,
  load: async () => (await import("./wire.ts")).wireMarket,
});
