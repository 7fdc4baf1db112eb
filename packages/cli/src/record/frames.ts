import { z } from "zod";

const milli = z.number().min(0);
const moment = z.number().min(0).describe("Milliseconds since the recording began.");

const header = z.object({
  kind: z.literal("header"),
  version: z.literal(1),
  at: z.iso.datetime().describe("When it began."),
  intervalMs: z.number().positive().describe("Between two frames of use."),
});

const nodes = z.object({
  kind: z.literal("nodes"),
  atMs: moment,
  nodes: z.array(z.object({ name: z.string(), capacityMilli: milli, allocatableMilli: milli })),
});

const container = z.object({
  id: z.string().describe("Without its runtime's prefix; empty before it runs."),
  name: z.string(),
  requestMilli: milli.nullable().describe("What its owner declared."),
  limitMilli: milli.nullable(),
});

const pods = z.object({
  kind: z.literal("pods"),
  atMs: moment,
  pods: z.array(
    z.object({
      uid: z.string(),
      namespace: z.string(),
      name: z.string(),
      node: z.string(),
      managed: z.boolean().describe("On the market."),
      annotations: z.record(z.string(), z.string()).describe("The market's own."),
      askedMilli: milli.describe("The requests that it had then."),
      rationed: z.boolean(),
      containers: z.array(container),
    }),
  ),
});

const use = z.object({
  kind: z.literal("use"),
  atMs: moment,
  use: z.array(z.tuple([z.string(), milli, milli])).describe("Container, millicores used, millicores throttled."),
});

/** One line of a recording. */
export const frameSchema = z.discriminatedUnion("kind", [header, nodes, pods, use]);

export type Frame = z.infer<typeof frameSchema>;
export type FrameOf<Kind extends Frame["kind"]> = Extract<Frame, { readonly kind: Kind }>;
export type RecordedPod = FrameOf<"pods">["pods"][number];
