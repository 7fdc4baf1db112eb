import { z } from "zod";

import { instantMs, milli, milliOrUnknown } from "./common.ts";

/** What `cells.state` counts by. `unknown`: its agent has not told in time, or nobody has decided yet. */
export const nodeStates = ["uncongested", "congested", "overloaded", "unknown"] as const;

/** Highest price that is written, here and in PodAllocations; the true one is infinite where nothing is left to divide. */
export const highestPrice = 1e6;

/** The strip above everything. Each number has an explanation under its own name: `/api/explain/strip.usedMilli`. */
export const summaryStrip = z.object({
  throttledSecondsPerMinute: z
    .number()
    .min(0)
    .nullable()
    .describe(
      "Seconds that containers were stopped by their quota, over all, at the rate of the last reports; null: no agent tells.",
    ),
  allocatableMilli: milli.describe("What nodes have to promise."),
  promisedMilli: milli.describe("Sum of the requests on them, whoever made them."),
  usedMilli: milliOrUnknown.describe("What is used of the nodes that are known; null: none is."),
  rationedPods: z.int().min(0).describe("Pods that may not use what they want."),
  pods: z.int().min(0).describe("Pods on the market."),
  nodes: z.int().min(0),
  unknownNodes: z.int().min(0).describe("Nodes of which nothing is known now: they hold what they have."),
  conflicts: z
    .int()
    .min(0)
    .describe("Objects that two decide about: another autoscaler's pods, intents of one workload, GPUs of two maps."),
  declaredMilli: milli.describe("What owners had declared as requests for the pods on the market."),
  requestedMilli: milli.describe("What these request now."),
  recommendedMilli: milli.describe("What these would request if all that is recommended were done."),
  coreHourPrice: z.number().min(0).describe("What a core costs an hour: --core-hour-price."),
  promisedPerMonth: z.number().min(0).describe("Money: what is promised, for 730 hours."),
  savedPerMonth: z.number().describe("Money: what requests are below what was declared; below 0 where they are above."),
  offeredPerMonth: z.number().describe("Money: what would be saved beyond that by what is recommended only."),
});

const row = z.int().min(0).max(100_000);
const percent = z.int().min(0).max(100).nullable();

/**
 * One column a property, one row a node; 5,000 of them come to about 200 kB.
 * A row whose node is "" is empty: its node has left, and a later one may take it.
 */
export const summaryCells = z.object({
  node: z.array(z.string()),
  price: z
    .array(z.number().min(0).max(highestPrice))
    .describe("Per core, of what is used, to three digits; 0 while there is enough."),
  used: z.array(percent).describe("Percent of the node's CPU; null: not known."),
  state: z
    .array(
      z
        .int()
        .min(0)
        .max(nodeStates.length - 1),
    )
    .describe("Index into nodeStates."),
  pods: z.array(z.int().min(0)).describe("On the market."),
  rationed: z.array(z.int().min(0)).describe("Of those, how many are."),
});

/** `GET /api/summary`, and the first `summary` event of a stream. */
export const dashboardSummary = z.object({
  kind: z.literal("whole"),
  seq: z.int().min(0).describe("The next delta has this and one."),
  atMs: instantMs,
  leader: z.boolean(),
  leaderName: z.string().nullable(),
  parts: z.array(z.string()),
  strip: summaryStrip,
  cells: summaryCells,
});

/**
 * Every further `summary` event: the strip, and the cells that have changed by
 * more than their step, most first, as many as there is room for; the others follow.
 */
export const summaryDelta = z.object({
  kind: z.literal("delta"),
  seq: z.int().min(1),
  atMs: instantMs,
  leader: z.boolean(),
  leaderName: z.string().nullable(),
  strip: summaryStrip,
  nodes: z.array(z.tuple([row, z.string()])).describe('Rows that have another node than before; "": none.'),
  cells: z.object({
    row: z.array(row).describe("Ascending; each as its distance from the one before, the first from 0."),
    price: summaryCells.shape.price,
    used: summaryCells.shape.used,
    state: summaryCells.shape.state,
    pods: summaryCells.shape.pods,
    rationed: summaryCells.shape.rationed,
  }),
});

export type NodeState = (typeof nodeStates)[number];
export type SummaryStrip = z.infer<typeof summaryStrip>;
export type SummaryCells = z.infer<typeof summaryCells>;
export type DashboardSummary = z.infer<typeof dashboardSummary>;
export type SummaryDelta = z.infer<typeof summaryDelta>;
