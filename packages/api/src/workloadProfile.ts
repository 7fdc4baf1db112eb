import { z } from "zod";

import { resourceOf } from "./definition.ts";
import { cpu } from "./podAllocation.ts";

/** Bytes as text; what they mean is for `encoding` to say. */
function base64(mostBytes: number): z.ZodString {
  return z
    .string()
    .max(Math.ceil(mostBytes / 3) * 4)
    .regex(/^[A-Za-z0-9+/]*={0,2}$/);
}

const containerProfile = z.object({
  name: z.string().min(1).max(63),
  since: z.iso.datetime().describe("When it was seen first."),
  weightMinutes: z
    .number()
    .min(0)
    .max(1e9)
    .describe("What the histogram adds up to: minutes of all pods, older ones less."),
  watchedMinutes: z.number().min(0).max(1e6).describe("Minutes in which any pod was watched, older ones less."),
  histogram: base64(200).describe("Share of minutes by CPU used, 16 bits a bucket."),
  hours: base64(168).optional().describe("The level of each hour of the week (UTC), one byte an hour."),
});

export const workloadProfileSpec = z.object({
  encoding: z.int().min(1).describe("How histogram and hours are written."),
  workload: z.object({
    kind: z.string().min(1).max(63).describe("Kind of what makes the pods."),
    name: z.string().min(1).max(253),
  }),
  habitCPURequest: cpu.describe("The request that its habit asks for, summed over the containers."),
  trustPercent: z.int().min(0).max(100).describe("How far the habit counts, as against what was declared."),
  seen: z.iso.datetime().describe("When a pod of it was watched last."),
  containers: z.array(containerProfile).max(20),
});

export type WorkloadProfileSpec = z.infer<typeof workloadProfileSpec>;
export type ContainerProfile = z.infer<typeof containerProfile>;

export const workloadProfileResource = resourceOf("WorkloadProfile");
