import type { Frame } from "../record/frames.ts";

/** What one container wanted, a value for each step of the recording, in cores. */
export type Wanted = readonly number[];

/** What was recorded of one container. */
interface Series {
  readonly milli: (number | undefined)[];
}

/**
 * What each container wanted: what it used, and what it would have used in the
 * time that it stood throttled, on as many run queues. That is the least: who
 * is throttled always does not say how much more it has to do.
 *
 * @param placeOf the container that an id is of; undefined: of a pod that was not seen
 */
export function wantedBy(
  frames: readonly Frame[],
  intervalMs: number,
  placeOf: (id: string) => string | undefined,
): ReadonlyMap<string, Wanted> {
  const found = new Map<string, Series>();
  let steps = 0;
  for (const frame of frames) {
    if (frame.kind !== "use") continue;
    const step = Math.round(frame.atMs / intervalMs);
    steps = Math.max(steps, step + 1);
    for (const [id, usageMilli, throttledMilli] of frame.use) {
      const place = placeOf(id);
      if (place === undefined) continue;
      const series = found.get(place) ?? { milli: [] };
      series.milli[step] = usageMilli + throttledMilli;
      found.set(place, series);
    }
  }
  return new Map([...found].map(([place, series]) => [place, filled(series, steps)]));
}

/** Nothing before it was there and after it was gone; in between what is not known is as it was. */
function filled({ milli }: Series, steps: number): Wanted {
  let last = 0;
  return Array.from({ length: steps }, (_, step) => {
    if (step >= milli.length) return 0;
    last = milli[step] ?? last;
    return Math.round(last) / 1000;
  });
}
