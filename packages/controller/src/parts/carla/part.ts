import { definePart } from "../part.ts";
import { addFlags, type CarlaFlags, schema } from "./flags.ts";

/** Releases, by the clinic's hours, the risk and the load. */
export const carlaPart = definePart<CarlaFlags>({
  name: "carla",
  addFlags,
  schema,
  alone: { opsPort: 8000, logFormat: "text", leaseName: "carla-scheduler" },
  needsAgents: false,
  load: async () => (await import("./wire.ts")).wireCarla,
});
