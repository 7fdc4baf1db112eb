import { z } from "zod";

import { instantMs, milli, milliOrUnknown } from "./common.ts";
import { nodeStates } from "./summary.ts";

/** What keeps a pod from having more, as in PodAllocations; LeftAlone: it is not on the market. */
export const dashboardBindings = ["Need", "Capacity", "Floor", "MinCpu", "MaxCpu", "Held", "LeftAlone"] as const;

/** One pod on a node's market. */
export const nodePod = z.object({
  namespace: z.string(),
  name: z.string(),
  wantsMilli: milliOrUnknown.describe("What it would use if nothing held it back."),
  guaranteedMilli: milliOrUnknown.describe("What it has in any case: of what its owner declared what it needs."),
  rationMilli: milliOrUnknown.describe("What it may use of CPU that does not suffice; null: it is not rationed."),
  usedMilli: milliOrUnknown,
  throttledMilli: milliOrUnknown.describe("Time that its quota stops it, in thousandths of a second a second."),
  requestMilli: milli,
  limitMilli: milli.nullable().describe("Sum over the containers that have one; null: none has."),
  weight: z.number().min(0).nullable(),
  pays: z
    .number()
    .min(0)
    .nullable()
    .describe("Price times what it is given beyond its guarantee; its whole weight where it could use more."),
  binding: z.enum(dashboardBindings),
  standing: z.string().describe("How its last resize stands, or why it is left alone."),
  creditSeconds: z.number().describe("Core-seconds lent, or borrowed where below 0."),
});

/** `GET /api/nodes/{name}`: its market after the last round. */
export const dashboardNode = z.object({
  node: z.string(),
  atMs: instantMs,
  state: z.enum(nodeStates),
  unknownBecause: z.string().nullable().describe("Why nothing is known of it now; null: it is known."),
  capacityMilli: milli.describe("CPU that the market divides: the node's less its reserve and what others use."),
  cpuMilli: milli.describe("All of the node's CPU."),
  allocatableMilli: milli,
  promisedMilli: milli,
  usedMilli: milliOrUnknown,
  othersMilli: milliOrUnknown.describe("Of what is used, what is not on the market and does not yield."),
  price: z.number().min(0).describe("Per core of what is used."),
  requestPrice: z.number().min(0).describe("Per core of what is requested."),
  scarceSinceMs: instantMs.nullable().describe("Since when its CPU has not sufficed; null: it does."),
  pods: z.array(nodePod).describe("Rationed ones first, then those that want most."),
  podsLeftOut: z.int().min(0).describe("Pods that the answer had no room for."),
});

export type NodePod = z.infer<typeof nodePod>;
export type DashboardNode = z.infer<typeof dashboardNode>;
