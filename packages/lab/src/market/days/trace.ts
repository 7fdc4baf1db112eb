/** Use of many machines over one recording, in % of each machine. */
export interface Recording {
  readonly stepMs: number;
  /** All of one length. */
  readonly percent: ReadonlyMap<string, readonly number[]>;
}

const fiveMinutesMs = 300_000;

/**
 * A day of PlanetLab: a line a machine, its name and its use each five minutes.
 *
 * @throws Error naming the line and the value
 */
export function parseDay(text: string): Recording {
  const percent = new Map<string, readonly number[]>();
  let length = 0;
  for (const [index, line] of text.trim().split("\n").entries()) {
    const [name = "", ...cells] = line.trim().split(",");
    const values = cells.map((cell) => percentOf(cell, index + 1));
    length ||= values.length;
    if (values.length !== length)
      throw new Error(`line ${index + 1}: ${values.length} values of ${name}, the first machine has ${length}`);
    percent.set(name, values);
  }
  return { stepMs: fiveMinutesMs, percent };
}

/**
 * One machine's `timestamp,value` lines, with a header.
 *
 * @throws Error naming the line and the value
 */
export function parseSeries(text: string): readonly number[] {
  const [, ...lines] = text.trim().split("\n");
  return lines.map((line, index) => percentOf(line.split(",")[1] ?? "", index + 2));
}

function percentOf(cell: string, line: number): number {
  const value = Number(cell);
  if (cell.trim() === "" || !Number.isFinite(value) || value < 0)
    throw new Error(`line ${line}: "${cell}" is not a percentage`);
  return Math.min(100, value);
}

/** The part of a recording from one step to another. */
export function cut(recording: Recording, from: number, to: number): Recording {
  const percent = new Map([...recording.percent].map(([name, values]) => [name, values.slice(from, to)]));
  return { stepMs: recording.stepMs, percent };
}

/**
 * So many times each machine, where a recording has few: under names of their own, each a step later than the
 * one before, since no two pods of a service burst in the same moment.
 */
export function copies(recording: Recording, count: number): Recording {
  const percent = new Map(
    [...recording.percent].flatMap(([name, values]) =>
      Array.from({ length: count }, (_, copy) => [`${name}-${copy}`, rotated(values, copy)] as const),
    ),
  );
  return { stepMs: recording.stepMs, percent };
}

function rotated(values: readonly number[], steps: number): readonly number[] {
  const from = values.length - (steps % values.length);
  return [...values.slice(from), ...values.slice(0, from)];
}
