import { z } from "zod";

import { flag, listOf, notNegative, numeric, text } from "./fields.ts";
import { windowsSchema } from "./windowsSchema.ts";

const appSchema = z.object({
  name: text,
  r_i: notNegative.optional(),
  d_i: notNegative.optional(),
  risk: notNegative.optional(),
  toggleRevisions: z.array(z.unknown()).optional(),
  window_fit: numeric(z.number().min(0).max(1)).optional(),
  dependsOn: listOf(text).optional(),
  depends_on: listOf(text).optional(),
  namespace: text.optional(),
  prune: flag.optional(),
  clinic: text.optional(),
  windows: windowsSchema.optional(),
});

export type RawApp = z.output<typeof appSchema>;

/** apps.yaml: the keys and the values of the prototype, and then ours. */
export const appsSchema = z.object({
  apps: listOf(appSchema).prefault([]),
  defaults: z
    .object({
      r_i: notNegative.default(1.5),
      d_i: notNegative.default(1),
      risk: notNegative.default(1),
      namespace: text.optional(),
      prune: flag.optional(),
    })
    .prefault({}),
  notes: z.unknown().optional(),
});

export type RawApps = z.output<typeof appsSchema>;
