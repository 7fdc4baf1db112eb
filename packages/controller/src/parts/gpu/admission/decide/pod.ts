import { z } from "zod";

const quantities = z.record(z.string(), z.union([z.string(), z.number()])).nullish();

const variable = z.object({ name: z.string(), value: z.string().optional(), valueFrom: z.unknown().optional() });

const container = z.object({
  name: z.string(),
  env: z.array(variable).nullish(),
  resources: z.object({ limits: quantities, requests: quantities }).nullish(),
});

/** The API server takes no pod that is large enough for so many; each becomes a step of the patch. */
const containers = z.array(container).max(1_000);

/** Of a pod on its way in: what decides about its GPUs. Everything else of it is left alone. */
export const podSchema = z.object({
  metadata: z.object({
    name: z.string().optional(),
    annotations: z.record(z.string(), z.string()).nullish(),
    ownerReferences: z.array(z.unknown()).nullish(),
  }),
  spec: z.object({
    schedulerName: z.string().optional(),
    resourceClaims: z.array(z.unknown()).nullish(),
    initContainers: containers.nullish(),
    containers,
  }),
});

export type IncomingPod = z.infer<typeof podSchema>;
export type IncomingContainer = z.infer<typeof container>;
