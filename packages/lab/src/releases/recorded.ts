import type { AppPolicy, ReleasePolicy } from "@walras/controller/carla";
import { errorAt, parseWith } from "@walras/kit";
import { z } from "zod";

import { type Arrival, arrivalOf } from "./arrivals.ts";
import type { LoadCurve } from "./load.ts";
import { type Week, weekFrom } from "./week.ts";
import { clusterCapacity, type Scene } from "./world.ts";

const at = z.iso.datetime({ offset: true });
const fraction = z.number().min(0).max(1.5);
const lineSchema = z.union([
  z.strictObject({ at, app: z.string().min(1), revision: z.string().min(1) }),
  z.strictObject({ at, cpu: fraction, memory: fraction }),
]);
type Line = z.output<typeof lineSchema>;

/** A reading says nothing about what comes later than this. */
const readingMs = 5 * 60_000;

/** A recorded week: JSON lines {at, app, revision} of pushes and {at, cpu, memory} of load, in any order. */
export interface Recording {
  readonly file: string;
  readonly text: string;
}

export interface RecordedOptions {
  /** Draws what a recording does not tell: diffs, reviews, how releases end. */
  readonly seed: number;
  readonly days: number;
  readonly policy: ReleasePolicy;
  readonly apps: readonly AppPolicy[];
}

/**
 * The recorded span from the local midnight before its first line.
 *
 * @throws FieldError naming file, line, field and value
 */
export function sceneFromRecording(recording: Recording, { seed, days, policy, apps }: RecordedOptions): Scene {
  const places = new Map(apps.map(({ name }, index) => [name, index]));
  const lines = readLines(recording, places);
  const [first] = lines;
  if (!first) throw errorAt(recording.file, "", "has no line");
  const { zone } = policy.calendar;
  const startDate = Temporal.Instant.fromEpochMilliseconds(first.atMs)
    .toZonedDateTimeISO(zone)
    .toPlainDate()
    .toString();
  const week = weekFrom(startDate, { zone, days, tickMs: policy.tickMs });
  const arrivals = lines.flatMap(({ atMs, line }): Arrival[] => {
    if (!("app" in line) || atMs >= week.endMs) return [];
    return [arrivalOf({ atMs, app: places.get(line.app) ?? 0, revision: line.revision }, { week, seed })];
  });
  return {
    week,
    config: { policy, apps, warnings: [] },
    arrivals,
    load: loadFrom(lines, week),
    capacity: clusterCapacity,
    seed,
  };
}

interface TimedLine {
  readonly atMs: number;
  readonly line: Line;
}

function readLines({ file, text }: Recording, places: ReadonlyMap<string, number>): TimedLine[] {
  const lines = text.split("\n").flatMap((json, index): TimedLine[] => {
    if (json.trim() === "") return [];
    const origin = `${file}:${index + 1}`;
    const line = readLine(json, origin);
    if ("app" in line && !places.has(line.app)) throw errorAt(`${origin}.app`, line.app, "is not in apps.yaml");
    return [{ atMs: Date.parse(line.at), line }];
  });
  return lines.toSorted((one, other) => one.atMs - other.atMs);
}

function readLine(json: string, origin: string): Line {
  let input: unknown;
  try {
    input = JSON.parse(json);
  } catch {
    throw errorAt(origin, json, "is not JSON");
  }
  const isPush = typeof input === "object" && input !== null && "app" in input;
  return parseWith(lineSchema.options[isPush ? 0 : 1], input, origin);
}

/** Each reading holds until the next, or until it is too old. */
function loadFrom(lines: readonly TimedLine[], week: Week): LoadCurve {
  const cpu = new Float64Array(week.ticks).fill(NaN);
  const memory = new Float64Array(week.ticks).fill(NaN);
  for (const { atMs, line } of lines) {
    if (!("cpu" in line)) continue;
    const from = Math.ceil((atMs - week.startMs) / week.tickMs);
    const until = Math.ceil((atMs + readingMs - week.startMs) / week.tickMs);
    cpu.fill(line.cpu, from, until).fill(NaN, until);
    memory.fill(line.memory, from, until).fill(NaN, until);
  }
  return { cpu, memory };
}
