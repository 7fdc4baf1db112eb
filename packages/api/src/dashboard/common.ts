import { z } from "zod";

/**
 * Where an address may carry its reader's token, for a browser that somebody
 * opens for them: `http://127.0.0.1:8091/#token=TOKEN`. No browser sends what is
 * behind a #. The page keeps it for its tab and takes it out of the address.
 */
export const tokenFragment = "token";

/** Milliseconds since the Unix epoch. */
export const instantMs = z.number().min(0);

/** Thousandths of a core. */
export const milli = z.number().min(0);

/** Unknown is not zero: what nobody has told lately is null. */
export const milliOrUnknown = milli.nullable();

/** Every answer that is no success: 400, 401, 403, 404, 429 and 503. */
export const dashboardError = z.object({
  error: z.string().describe("A sentence for people."),
  field: z.string().optional().describe("The parameter that is wrong."),
});

/** `GET /api/me`: who asks, and who answers. */
export const dashboardMe = z.object({
  user: z.string().nullable().describe("As the API server calls the token's owner; null where one token is for all."),
  access: z.enum(["token", "kubernetes"]),
  replica: z.string().describe("This replica's name."),
  leader: z
    .boolean()
    .describe("Whether it leads: another's page shows what it has seen, and nothing of what was decided since."),
  leaderName: z.string().nullable().describe("The replica that leads; null: nobody, or it is not known."),
  parts: z.array(z.string()).describe("The parts that run here, in the order of the flag."),
});

/** `GET /api/explain/{key}`: how a number on the page comes about. */
export const dashboardExplanation = z.object({
  key: z.string(),
  title: z.string(),
  unit: z.string().describe("Empty where it is a plain count."),
  formula: z.string(),
  inputs: z
    .array(z.object({ name: z.string(), value: z.string() }))
    .describe("As they are now; empty where there are none."),
  source: z.string().describe("Where the inputs come from."),
});

export type DashboardError = z.infer<typeof dashboardError>;
export type DashboardMe = z.infer<typeof dashboardMe>;
export type DashboardExplanation = z.infer<typeof dashboardExplanation>;
