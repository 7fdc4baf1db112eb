import { healthStatuses, type ReleaseSnapshot, syncStatuses, untracked } from "@walras/controller/carla";
import { parseWith } from "@walras/kit";
import { z } from "zod";

const usageFraction = z.number().min(0).max(10).nullable().default(null);
const moment = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

const appSchema = z.strictObject({
  sync: z.enum(syncStatuses).default("Unknown"),
  health: z.enum(healthStatuses).default("Unknown"),
  revision: z.string().min(1).nullable().default(null),
  inFlight: z.boolean().default(false),
  autoSync: z.boolean().default(false),
  pendingSince: moment.nullable().default(null),
  approvedUntil: moment.nullable().default(null),
  failedAt: z.array(moment).default([]),
  retryAt: moment.nullable().default(null),
  labels: z.record(z.string(), z.string()).default({}),
  clusters: z.array(z.string().min(1)).default([]),
  change: z
    .strictObject({
      changedFields: z.number().int().min(0),
      objects: z.number().int().min(0).default(0),
      kinds: z.array(z.string().min(1)).default([]),
      prunes: z.number().int().min(0).default(0),
    })
    .optional(),
});

const freezeSchema = z.strictObject({
  from: moment.nullable().default(null),
  until: moment.nullable().default(null),
  except: z.array(z.string().min(1)).default([]),
});

const stateSchema = z.strictObject({
  usage: z.strictObject({ cpu: usageFraction, memory: usageFraction }).default({ cpu: null, memory: null }),
  apps: z.record(z.string().min(1), appSchema).default({}),
  override: z.boolean().default(false),
  freezes: z.array(freezeSchema).default([]),
});

/**
 * A cluster as somebody describes it, for a decision without one.
 *
 * @throws FieldError naming file, field and value
 */
export function readState(input: unknown, file: string, nowMs: number): ReleaseSnapshot {
  const { usage, apps, override, freezes } = parseWith(stateSchema, input, file);
  return {
    nowMs,
    usage,
    override,
    freezes: freezes.map(({ from, until, except }) => ({
      fromMs: from ?? nowMs,
      untilMs: until,
      except: new Set(except),
      inFlight: "continue",
      by: "state",
    })),
    lowHeadroomTicks: 0,
    apps: new Map(Object.entries(apps).map(([name, app]) => [name, snapshotOf(app)])),
  };
}

function snapshotOf(
  app: z.output<typeof appSchema>,
): ReleaseSnapshot["apps"] extends ReadonlyMap<string, infer App> ? App : never {
  const { sync, health, revision, inFlight, autoSync, pendingSince, approvedUntil, failedAt, retryAt } = app;
  const { change, labels, clusters } = app;
  return {
    labels,
    clusters,
    sync,
    health,
    revision,
    inFlight,
    autoSync,
    deleting: false,
    pendingSinceMs: pendingSince,
    change,
    track: { ...untracked, failedAtMs: failedAt, retryAtMs: retryAt },
    approval: approvedUntil === null ? null : { by: "state", untilMs: approvedUntil, revision: null },
    expectedMs: null,
  };
}
