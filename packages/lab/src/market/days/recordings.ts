import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";

import { copies, cut, parseDay, parseSeries, type Recording } from "./trace.ts";

const stepsOfWeek = 7 * 288;
/** A recording of fewer machines is played by several pods each. */
const leastMachines = 100;

/**
 * A recording by its name: a day, which is NAME.csv.gz with all machines, or `week1`, `week2`, … of a folder
 * with a series a machine.
 *
 * @throws Error naming the folder and what is not there
 */
export function readRecording(folder: string, name: string): Recording {
  const day = join(folder, `${name}.csv.gz`);
  const week = /^week([1-9]\d*)$/.exec(name)?.[1];
  if (existsSync(day)) return within(day, () => parseDay(gunzipSync(readFileSync(day)).toString()));
  if (week === undefined) throw new Error(`${folder}: no ${name}.csv.gz, and "${name}" is no week1, week2, …`);
  return weekOf(folder, Number(week));
}

function weekOf(folder: string, week: number): Recording {
  const files = (existsSync(folder) ? readdirSync(folder) : []).filter((file) => file.endsWith(".csv")).toSorted();
  if (files.length === 0) throw new Error(`${folder}: no *.csv, a series of timestamp,value for each machine`);
  const series = files.map((file) => {
    const path = join(folder, file);
    return [basename(file, ".csv"), within(path, () => parseSeries(readFileSync(path, "utf8")))] as const;
  });
  const short = series.find(([, values]) => values.length < week * stepsOfWeek);
  if (short) throw new Error(`${folder}: ${short[0]} has no whole week ${week}`);
  const all = copies({ stepMs: 300_000, percent: new Map(series) }, Math.ceil(leastMachines / files.length));
  return cut(all, (week - 1) * stepsOfWeek, week * stepsOfWeek);
}

function within<T>(file: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new Error(`${file}: not a recording`, { cause: error });
  }
}
