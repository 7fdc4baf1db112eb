import { z } from "zod";

import { instantMs } from "./common.ts";

/** Whether a source says that the pod has the GPU; null: it does not tell. */
const says = z.boolean().nullable();

/** A pod and one GPU, as four tell of them. */
const gpuSeat = z.object({
  namespace: z.string(),
  pod: z.string(),
  intended: says.describe("It was chosen for it, by the map or the scheduler; null: somebody else placed it."),
  kubelet: says.describe("The kubelet gave it to it."),
  container: says.describe(
    "Its containers are told to use it, by the variable that admission has given them; null: they are told by the kubelet.",
  ),
  process: says.describe("A process of it is on it."),
  drift: z.boolean().describe("Two of these that tell something differ."),
});

const dashboardGpu = z.object({
  uuid: z.string(),
  index: z.int().min(0),
  model: z.string(),
  memoryTotalMiB: z.number().min(0).nullable(),
  memoryUsedMiB: z.number().min(0).nullable(),
  utilisation: z.number().min(0).max(1).nullable(),
  temperatureCelsius: z.number().nullable(),
  mig: z.enum(["disabled", "enabled", "pending"]).nullable(),
  unhealthy: z.string().nullable().describe("null: it is healthy, as far as known."),
  foreignPids: z.array(z.int()).describe("Processes of no pod of the node."),
  seats: z.array(gpuSeat),
});

/** `GET /api/gpus`: nodes whose agents tell of GPUs, and pods that wait for some. */
export const dashboardGpus = z.object({
  atMs: instantMs,
  drifted: z.int().min(0).describe("Seats of which two differ."),
  nodes: z.array(
    z.object({
      node: z.string(),
      ageMs: z.number().min(0),
      source: z.string().nullable(),
      trouble: z.string().nullable().describe("Why nothing or only a part is known; null: all is well."),
      gpus: z.array(dashboardGpu),
    }),
  ),
  waiting: z.array(z.object({ namespace: z.string(), pod: z.string(), gpus: z.int().min(0) })),
});

export type GpuSeat = z.infer<typeof gpuSeat>;
export type DashboardGpu = z.infer<typeof dashboardGpu>;
export type DashboardGpus = z.infer<typeof dashboardGpus>;
