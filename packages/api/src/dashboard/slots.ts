import { z } from "zod";

import { instantMs } from "./common.ts";

/** A node's slot. */
const dashboardSlot = z.object({
  node: z.string(),
  used: z.number().min(0).max(1).nullable().describe("Share of its CPU over 30 s; null: not known."),
  state: z.enum(["free", "busy", "occupied", "unknown", "ineligible"]),
  detail: z.string(),
});

/** A ScaledJob that asks here. */
const slotOwner = z.object({
  namespace: z.string(),
  name: z.string(),
  unfinished: z.int().min(0).describe("Jobs of it that have not ended."),
  granted: z.int().min(0).describe("Slots that it was promised and no Job has taken up."),
  asked: z.boolean().describe("One of its triggers has asked this replica."),
});

/** `GET /api/slots` */
export const dashboardSlots = z.object({
  atMs: instantMs,
  threshold: z.number().min(0).max(1).describe("A node takes a job below this share of its CPU."),
  allowed: z.int().min(0).nullable().describe("Jobs that may start now; null: not known."),
  reason: z.string().nullable().describe("Why none may; null: some may."),
  promisedJobs: z.int().min(0).describe("Jobs on no node yet."),
  promisedGrants: z.int().min(0),
  stranded: z.int().min(0).describe("Jobs that no node takes."),
  slots: z.array(dashboardSlot).describe("Free ones first, best first; at most 5,000."),
  scaledJobs: z.array(slotOwner),
});

export type DashboardSlot = z.infer<typeof dashboardSlot>;
export type SlotOwner = z.infer<typeof slotOwner>;
export type DashboardSlots = z.infer<typeof dashboardSlots>;
