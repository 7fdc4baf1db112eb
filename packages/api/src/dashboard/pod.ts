import { z } from "zod";

import { instantMs, milli, milliOrUnknown } from "./common.ts";
import { dashboardBindings } from "./node.ts";

const series = z.array(milliOrUnknown);

/** Request and limit; null: none. */
const amounts = z.object({ requestMilli: milliOrUnknown, limitMilli: milliOrUnknown });

/** A container as it stands. */
const podContainer = z.object({
  name: z.string(),
  requestMilli: milliOrUnknown,
  limitMilli: milli.nullable().describe("null: it has none."),
  declaredRequestMilli: milliOrUnknown,
  declaredLimitMilli: milliOrUnknown,
  recommendedRequestMilli: milliOrUnknown.describe("null: the market says nothing of it."),
  recommendedLimitMilli: milliOrUnknown,
  usedMilli: milliOrUnknown,
  throttledMilli: milliOrUnknown,
});

/** Samples of the whole pod, a column a series, oldest first; null: not known then. uPlot draws them as they are. */
export const podPoints = z.object({
  t: z.array(z.number()).describe("Seconds since the Unix epoch."),
  used: series.describe("Thousandths of a core."),
  throttled: series.describe("Thousandths of a second a second, summed over its run queues."),
  limit: series.describe("null as well where it has none."),
  request: series,
  price: z.array(z.number().min(0).nullable()).describe("Of its node, per core."),
});

/** One decision about the pod, by whichever part. */
const podDecision = z.object({
  id: z.number().describe("Of the history: larger than every earlier one's."),
  atMs: instantMs,
  part: z.string(),
  cause: z.string().describe("The verdict: MarketResized, MarketRations."),
  reason: z.string().describe("A sentence for people."),
  from: amounts.nullable().describe("null: nothing was resized."),
  to: amounts.nullable(),
});

/** What the declared limits would have done with the same work, point for point with `points`. */
export const podGhost = z.object({
  used: series,
  throttled: series,
  declaredLimitMilli: milli.nullable().describe("null: some container had none, and nothing would have stopped it."),
  throttledSeconds: z.number().min(0).nullable().describe("Over all points; null: not known for any."),
  actualThrottledSeconds: z.number().min(0).nullable().describe("The same as it was."),
});

/** `GET /api/pods/{namespace}/{name}`: its time line. */
export const dashboardPod = z.object({
  namespace: z.string(),
  name: z.string(),
  uid: z.string(),
  node: z.string(),
  workload: z.string().nullable().describe('What made it: "ReplicaSet/web-5d4f"; null: nothing.'),
  mode: z.string(),
  binding: z.enum(dashboardBindings),
  standing: z.string(),
  containers: z.array(podContainer),
  recordedSinceMs: instantMs.nullable().describe("null: recording begins now, because somebody looks at it."),
  points: podPoints,
  decisions: z.array(podDecision).describe("Oldest first."),
  ghost: podGhost,
  recommendation: z
    .string()
    .nullable()
    .describe("YAML to copy into the pod's template; null: there is nothing to recommend."),
});

export type PodContainer = z.infer<typeof podContainer>;
export type PodPoints = z.infer<typeof podPoints>;
export type PodDecision = z.infer<typeof podDecision>;
export type PodGhost = z.infer<typeof podGhost>;
export type DashboardPod = z.infer<typeof dashboardPod>;
