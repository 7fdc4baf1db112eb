import { z } from "zod";

/** What can be explained. */
export const explainedKinds = ["pod", "node", "app", "slot", "gpu", "intent"] as const;

const number = z.object({
  name: z.string().min(1).max(63).describe("What it is a number of."),
  value: z.number().nullable().describe("null: not known, which is not 0."),
  unit: z.string().max(32).describe("m: thousandths of a core; /core: price of a core; empty: a count."),
  made: z.string().max(512).describe("How it was made, or where it was read."),
});

const reason = z.object({
  reason: z.string().min(1).max(128).describe("One word."),
  message: z.string().max(4096).describe("The same in a sentence."),
});

const event = z.object({
  at: z.iso.datetime().describe("When it was told last."),
  since: z.iso.datetime().describe("When it was told first."),
  type: z.enum(["Normal", "Warning"]),
  reason: z.string().max(128),
  message: z.string().max(1024),
  count: z.int().min(1),
});

const source = z.object({
  apiVersion: z.string().max(316),
  kind: z.string().min(1).max(63),
  namespace: z.string().max(63).optional(),
  name: z.string().min(1).max(253),
  path: z.string().max(512).optional().describe("The field that says it."),
});

/** How something stands and why: the one shape for whatever is explained. */
export const explanationSchema = z.object({
  subject: z.object({
    kind: z.enum(explainedKinds),
    namespace: z.string().max(63).optional(),
    name: z.string().min(1).max(512),
  }),
  state: z.string().min(1).max(128).describe("How it stands, in one word."),
  verdict: z.string().min(1).max(4096).describe("The same in a sentence."),
  since: z.iso.datetime().nullable().describe("Since when; null: not known."),
  numbers: z.array(number).max(64),
  reasons: z.array(reason).max(64).describe("Why it is so, the one that counts first."),
  change: z.array(z.string().min(1).max(1024)).max(16).describe("What would change it."),
  unknown: z.array(z.string().min(1).max(1024)).max(16).describe("What could not be read, or nobody has told."),
  events: z.array(event).max(20).describe("What was told on it, the newest first."),
  sources: z.array(source).max(64).describe("The objects that say so."),
});

export type Explanation = z.infer<typeof explanationSchema>;
export type ExplainedKind = (typeof explainedKinds)[number];
