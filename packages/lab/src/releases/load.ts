import type { Rng } from "@walras/kit";

import { standardNormal } from "./draws.ts";
import type { Local, Week } from "./week.ts";

/** How full the cluster is at each tick without releases, as fractions of allocatable; NaN: nobody knows. */
export interface LoadCurve {
  readonly cpu: Float64Array;
  readonly memory: Float64Array;
}

/** A kind of week. Loads are fractions of allocatable. */
export interface LoadProfile {
  readonly nightCpu: number;
  readonly dayCpu: number;
  readonly nightMemory: number;
  readonly dayMemory: number;
  /** Minute of the day at which the evening is quiet. */
  readonly quietFromMinute: number;
  /** Share of nights on which batch work keeps the cluster busy, and what it takes of the CPU. */
  readonly batchNights: number;
  readonly batchCpu: number;
}

const noise = 0.025;
/** What is left of a deviation after a tick. */
const persistence = 0.97;
const batchFromMinute = 22 * 60;
const batchUntilMinute = 3 * 60;
const weekendShare = 0.25;

/** A day's curve with noise that wanders. */
export function syntheticLoad(week: Week, profile: LoadProfile, rng: Rng): LoadCurve {
  const batch = Array.from({ length: Math.ceil(week.ticks / ticksOfDay(week)) + 1 }, () => rng() < profile.batchNights);
  const cpu = new Float64Array(week.ticks);
  const memory = new Float64Array(week.ticks);
  const wander = { cpu: 0, memory: 0 };
  for (let tick = 0; tick < week.ticks; tick += 1) {
    const local = week.local.at(week.startMs + tick * week.tickMs);
    const day = dayShare(local, profile);
    const night = Math.floor((tick - (batchUntilMinute * 60_000) / week.tickMs) / ticksOfDay(week));
    const extra = batch[night] === true && isBatchTime(local) ? profile.batchCpu : 0;
    wander.cpu = persistence * wander.cpu + kick(rng);
    wander.memory = persistence * wander.memory + kick(rng) / 2;
    cpu[tick] = clamp(profile.nightCpu + day * (profile.dayCpu - profile.nightCpu) + extra + wander.cpu);
    memory[tick] = clamp(profile.nightMemory + day * (profile.dayMemory - profile.nightMemory) + wander.memory);
  }
  return { cpu, memory };
}

function ticksOfDay({ tickMs }: Week): number {
  return 86_400_000 / tickMs;
}

function kick(rng: Rng): number {
  return noise * Math.sqrt(1 - persistence ** 2) * standardNormal(rng);
}

function isBatchTime({ minute }: Local): boolean {
  return minute >= batchFromMinute || minute < batchUntilMinute;
}

/** 0 at night, 1 at the height of the clinic's day. */
function dayShare({ weekday, minute }: Local, { quietFromMinute }: LoadProfile): number {
  const up = ramp(minute, 6 * 60, 9 * 60);
  const down = 1 - ramp(minute, 17 * 60, quietFromMinute);
  return Math.min(up, down) * (weekday < 5 ? 1 : weekendShare);
}

function ramp(minute: number, from: number, until: number): number {
  const share = Math.min(1, Math.max(0, (minute - from) / (until - from)));
  return (1 - Math.cos(Math.PI * share)) / 2;
}

function clamp(load: number): number {
  return Math.min(1, Math.max(0, load));
}
