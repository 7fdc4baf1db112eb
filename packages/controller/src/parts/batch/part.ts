import { definePart } from "../part.ts";
import { addFlags, check, type BatchFlags, schema, unread } from "./flags.ts";

/** Slots for batch jobs, asked for by KEDA. */
export const batchPart = definePart<BatchFlags>({
  name: "batch",
  addFlags,
  schema,
  alone: { opsPort: 8088, opsPortVariable: "HTTP_PORT", logFormat: "json", leaseName: "posture-external-scaler" },
  needsAgents: false,
  unread,
  check,
  load: async () => (await import("./wire.ts")).wireBatch,
});
