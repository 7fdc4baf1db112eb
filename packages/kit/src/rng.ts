/** Randomness as an argument: uniform in [0, 1). */
export type Rng = () => number;

/** The machine's own randomness, for jitter. */
export const systemRng: Rng = () => Math.random();

/** A small, fast, repeatable generator (mulberry32, Tommy Ettinger, public domain). */
export function seededRng(seed: number): Rng {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
