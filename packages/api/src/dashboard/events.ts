import { z } from "zod";

import { instantMs } from "./common.ts";
import { dashboardSummary, summaryDelta } from "./summary.ts";

/**
 * `GET /api/events`: server-sent events. `summary` once a second at most, the
 * whole first and then deltas; `decision` as each is made, those that there is
 * no room for left out. A comment each 15 s tells that it is alive.
 *
 * Every path below /api wants `Authorization: Bearer TOKEN`. An EventSource
 * sends none, so that the stream is read with fetch; after a break it is opened
 * anew, and begins with the whole again.
 */
export const dashboardEventNames = ["summary", "decision"] as const;

export const summaryEvent = z.discriminatedUnion("kind", [dashboardSummary, summaryDelta]);

/** The data of a `decision` event. */
export const decisionEvent = z.object({
  id: z.number(),
  atMs: instantMs,
  part: z.string(),
  kind: z.string().describe("Of the object."),
  namespace: z.string().describe("Empty for kinds of the whole cluster."),
  name: z.string(),
  verdict: z.string(),
  reason: z.string(),
  leftOut: z.int().min(0).describe("Decisions since the last event that there was no room for."),
});

export type DashboardEventName = (typeof dashboardEventNames)[number];
export type SummaryEvent = z.infer<typeof summaryEvent>;
export type DecisionEvent = z.infer<typeof decisionEvent>;
