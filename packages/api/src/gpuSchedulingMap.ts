import { z } from "zod";

import { resourceOf } from "./definition.ts";
import { condition } from "./podAllocation.ts";

const mostEntries = 1000;
const mostDevices = 64;

const name = z.string().min(1).max(253);
const uuids = z.array(z.string().max(64)).max(mostDevices);

const entry = z.object({
  podIndex: z.int().min(0).max(1_000_000).describe("The pod's number, as a StatefulSet or an indexed Job gives it."),
  nodeName: name.describe("The node: its label gpu-node-name, or its own name."),
  gpuDevices: z
    .string()
    .max(512)
    .regex(/^[0-9]{1,4}(:[0-9]{1,2})?( *, *[0-9]{1,4}(:[0-9]{1,2})?)*$/)
    .describe(
      'Numbers of its GPUs, from 0, as nvidia-smi counts them: "0,1"; "0:1" is the second MIG instance of the first.',
    ),
  share: name.optional().describe("Entries of one name have the same GPUs together."),
});

const placement = z.object({
  podIndex: z.int().min(0),
  pod: z.string().max(253).optional().describe("Absent while there is none of this number."),
  node: z.string().max(253).optional().describe("Where it is."),
  enforcedBy: z.string().max(32).optional().describe("By what it is kept to its GPUs: dra, device-plugin or env."),
  intended: uuids.optional().describe("What was chosen for it."),
  kubelet: uuids.optional().describe("What the kubelet gave it; absent where nothing is known."),
  process: uuids.optional().describe("What its processes are on; absent where nothing is known."),
  drift: z.string().max(1024).optional().describe("How these differ."),
  message: z.string().max(1024).optional().describe("Why it has no place, or not the one of the map."),
});

export const gpuSchedulingMapSpec = z.object({
  workload: z
    .object({
      kind: z.string().min(1).max(63).default("StatefulSet").describe("Kind of what makes the pods."),
      name,
    })
    .describe("Whose pods are placed, in the map's namespace."),
  rollout: z
    .enum(["Keep", "Recreate"])
    .default("Keep")
    .describe("What happens to pods that run elsewhere than the map says: told only, or evicted to be placed anew."),
  schedulingMap: z.array(entry).max(mostEntries),
});

export const gpuSchedulingMapStatus = z.object({
  observedGeneration: z.int().min(0).optional().describe("Generation of the map that this is about."),
  placed: z.string().max(16).optional().describe("How many of its entries have their pods where they say: 3/5."),
  drifted: z.int().min(0).optional().describe("How many pods are on other GPUs than was chosen for them."),
  conditions: z.array(condition).max(8).optional(),
  placements: z.array(placement).max(mostEntries).optional().describe("Who sits where."),
});

export type GpuSchedulingMapSpec = z.infer<typeof gpuSchedulingMapSpec>;
export type GpuSchedulingMapStatus = z.infer<typeof gpuSchedulingMapStatus>;

export const gpuGroup = "gpu.walras.io";

export const gpuSchedulingMapResource = resourceOf("GpuSchedulingMap", gpuGroup);
