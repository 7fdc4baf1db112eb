import { z } from "zod";

import { instantMs } from "./common.ts";

/** An open span of the calendar. */
const openSpan = z.object({ fromMs: instantMs, untilMs: instantMs });

/** An application that waits, with what holds it. */
const queuedRelease = z.object({
  app: z.string().describe("namespace/name"),
  selected: z.boolean().describe("It goes in this round."),
  reason: z.string().describe("One word: outside_allowed_window, low_headroom; selected where it goes."),
  detail: z.string().describe("A sentence for people."),
  nextOpenMs: instantMs
    .nullable()
    .describe("When its window or its freeze lets it go; null: something else holds it, or nobody knows."),
  score: z.object({
    depth: z.number(),
    inverseResource: z.number(),
    risk: z.number(),
    window: z.number(),
    wait: z.number(),
    total: z.number().describe("The sum of the others."),
  }),
  riskLevel: z.number(),
});

/** `GET /api/releases`: the queue on the clinic calendar. */
export const dashboardReleases = z.object({
  atMs: instantMs.nullable().describe("Of the last decision; null: none was made yet."),
  window: z.object({ open: z.boolean(), reason: z.string(), untilMs: instantMs.nullable() }),
  zone: z.string().describe("IANA name of the calendar's time zone."),
  calendar: z.array(openSpan).describe("When it is open in the next seven days, ascending."),
  freezes: z
    .array(z.object({ fromMs: instantMs, untilMs: instantMs.nullable(), except: z.array(z.string()), by: z.string() }))
    .nullable()
    .describe("In force or announced; null: not known."),
  freezeTrouble: z.string().nullable(),
  headroom: z
    .number()
    .min(-1)
    .max(1)
    .nullable()
    .describe("1 less the larger of the shares of CPU and memory that may be used; null: unknown."),
  headroomSource: z.string().nullable(),
  queue: z.array(queuedRelease).describe("Selected ones first, then by score."),
  inFlight: z.array(
    z.object({
      app: z.string(),
      release: z.string(),
      phase: z.string(),
      revisions: z.array(z.string()),
      sinceMs: instantMs,
      rollback: z.boolean(),
    }),
  ),
  configError: z
    .string()
    .nullable()
    .describe("What is wrong with the configuration that was read last; the one before is in force."),
});

export type OpenSpan = z.infer<typeof openSpan>;
export type QueuedRelease = z.infer<typeof queuedRelease>;
export type DashboardReleases = z.infer<typeof dashboardReleases>;
