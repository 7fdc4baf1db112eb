/** What was needed is held for one to two of these: quick up, slow down. */
const recentMs = 300_000;

/** The highest of the last one to two spans: since when this one lasts, and the highest of it and of the one before. */
export const recentWidth = 3;

/** @param at where in the numbers its three begin, the first of which was set to when it began */
export function addRecent(numbers: Float64Array, at: number, milli: number, atMs: number): void {
  turn(numbers, at, atMs);
  numbers[at + 1] = Math.max(numbers[at + 1] ?? 0, milli);
}

export function highestRecent(numbers: Float64Array, at: number, nowMs: number): number {
  turn(numbers, at, nowMs);
  return Math.max(numbers[at + 1] ?? 0, numbers[at + 2] ?? 0);
}

function turn(numbers: Float64Array, at: number, atMs: number): void {
  const [fromMs = 0, now = 0] = [numbers[at], numbers[at + 1]];
  const spans = Math.floor((atMs - fromMs) / recentMs);
  if (spans < 1) return;
  numbers[at + 2] = spans === 1 ? now : 0;
  numbers[at + 1] = 0;
  numbers[at] = fromMs + spans * recentMs;
}
