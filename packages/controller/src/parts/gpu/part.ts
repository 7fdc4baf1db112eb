import { definePart } from "../part.ts";
import { addFlags, type GpuFlags, schema } from "./flags.ts";

/** Pods on GPUs. */
export const gpuPart = definePart<GpuFlags>({
  name: "gpu",
  addFlags,
  schema,
  alone: { opsPort: 8080, logFormat: "json", leaseName: "gpu-scheduler" },
  needsAgents: false,
  load: async () => (await import("./wire.ts")).wireGpu,
});
