import { definePart } from "../part.ts";
import { addFlags, check, type BatchFlags, schema } from "./flags.ts";

/** Slots for batch jobs, asked for by KEDA. */
export const batchPart = definePart<BatchFlags>({
  name: "batch",
  addFlags,
  schema,
  alone: { opsPort: 8088, logFormat: "json", leaseName: "posture-external-scaler" },
  needsAgents: false,
  check,
  load: async () => (await import("./wire.ts")).wireBatch,
});
