import { z } from "zod";

import { resourceOf } from "./definition.ts";

/** What is known of one container of a workload. */
const containerCreation = z.object({
  habitMilli: z.int().min(0).max(1e6).describe("The request that its habit asks for, in millicores."),
  trustPercent: z.int().min(0).max(100).describe("How far the habit counts, as against what the pod declares."),
  leastMilli: z.int().min(0).max(1e6).describe("What it needs now or before long, whatever its habit says."),
});

export const creationProfileSpec = z.object({
  validUntil: z.iso.datetime().describe("Nobody is sized by this from then on: whoever wrote it may be gone."),
  overbook: z.number().min(1).max(100).describe("No request falls below what was declared over this."),
  minMilli: z.int().min(0).max(1e6).describe("No request falls below this, which the namespace's LimitRanges ask for."),
  maxLimitRequestRatio: z
    .number()
    .min(1)
    .max(1e6)
    .optional()
    .describe("No request falls below the container's limit over this, which LimitRanges ask for."),
  workloads: z
    .record(z.string(), z.record(z.string(), containerCreation))
    .describe("By KIND/NAME of what makes the pods, and name of the container."),
});

export type CreationProfileSpec = z.infer<typeof creationProfileSpec>;
export type ContainerCreation = z.infer<typeof containerCreation>;

export const creationProfileResource = resourceOf("CreationProfile");

/** There is one in a namespace, so that a pod is looked up and not searched for. */
export const creationProfileName = "new-pods";
