import { z } from "zod";

import { resourceOf } from "./definition.ts";

/** A CPU quantity as Kubernetes writes it. */
export const cpu = z
  .string()
  .max(32)
  .regex(/^[0-9]+(\.[0-9]+)?m?$/)
  .describe("CPU quantity: 250m, 1, 0.5");

const containerAllocation = z.object({
  name: z.string().min(1).max(63),
  declaredCPURequest: cpu.describe("The request before the market, which is the container's entitlement."),
  declaredCPULimit: cpu.optional().describe("The limit before the market; absent where there is none."),
  desiredCPURequest: cpu,
  desiredCPULimit: cpu.optional(),
});

const bid = z.object({
  weight: z.number().describe("Bargaining power, credit included."),
  floorMilli: z.number().describe("What it keeps in any case, in millicores."),
  capMilli: z.number().describe("More than this is of no use to it, in millicores."),
});

/** As every kind of Kubernetes has it. */
export const condition = z.object({
  type: z.string().min(1).max(316),
  status: z.enum(["True", "False", "Unknown"]),
  reason: z.string().min(1).max(1024),
  message: z.string().max(32768),
  lastTransitionTime: z.iso.datetime(),
  observedGeneration: z.int().min(0).optional(),
});

export const podAllocationSpec = z.object({
  namespace: z.string().min(1).max(63).describe("Namespace of the pod."),
  podName: z.string().min(1).max(253).describe("Name of the pod."),
  podUID: z.string().max(36).optional().describe("UID of the pod: a successor of the same name is another pod."),
  desiredCPURequest: cpu.describe("Sum over the containers."),
  desiredCPULimit: cpu.optional().describe("Sum over the containers that have a limit."),
  containers: z.array(containerAllocation).max(100).optional(),
});

const allocationPhases = ["Pending", "Applied", "Failed"] as const;

export const podAllocationStatus = z.object({
  appliedCPURequest: z.string().optional(),
  appliedCPULimit: z.string().optional(),
  phase: z.enum(allocationPhases).optional(),
  reason: z.string().max(1024).optional().describe("Why it is so, in one word."),
  message: z.string().max(4096).optional().describe("The same in a sentence."),
  lastAttemptTime: z.iso.datetime().optional(),
  lastAppliedTime: z.iso.datetime().optional(),
  shadowPriceCPU: z
    .number()
    .min(0)
    .optional()
    .describe("Price of the node's CPU in limits, per core; 0 while it has enough."),
  requestPriceCPU: z.number().min(0).optional().describe("Price of the node's CPU in requests, per core."),
  rationCPU: z
    .string()
    .optional()
    .describe("What the pod may use of CPU that does not suffice for all; absent while it has what it would use."),
  credit: z.number().optional().describe("Balance of lent and borrowed CPU, in core-seconds."),
  binding: z
    .enum(["Need", "Capacity", "Floor", "MinCpu", "MaxCpu", "Held"])
    .optional()
    .describe("What keeps the pod from having more."),
  bid: bid.optional(),
  observedGeneration: z.int().min(0).optional().describe("Generation of the pod that the last resize made."),
  conditions: z.array(condition).max(8).optional(),
});

export type PodAllocationSpec = z.infer<typeof podAllocationSpec>;
export type PodAllocationStatus = z.infer<typeof podAllocationStatus>;
export type AllocationPhase = (typeof allocationPhases)[number];

/** allocation.mbcas.io/v1alpha1 PodAllocation: why a pod has this much CPU. */
export interface PodAllocation {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly namespace: string; readonly name: string; readonly uid?: string };
  readonly spec: PodAllocationSpec;
  readonly status?: PodAllocationStatus;
}

export const podAllocationResource = resourceOf("PodAllocation");
