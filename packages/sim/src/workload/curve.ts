/**
 * Demand over time: the cores a program would use at `tMs` milliseconds after
 * the start of the simulation. Pure: the same time gives the same demand.
 */
export type Curve = (tMs: number) => number;

/** Always the same. */
export function constant(cores: number): Curve {
  return () => cores;
}

/** `before` until `atMs`, `after` from then on. */
export function step(before: number, after: number, atMs: number): Curve {
  return (tMs) => (tMs < atMs ? before : after);
}

/**
 * A wave between `low` and `high`, as the load of a service over a day.
 *
 * @param phase which part of the period has passed at the start, 0..1; the wave is lowest at 0
 */
export function wave(low: number, high: number, periodMs: number, phase: number): Curve {
  return (tMs) => low + ((high - low) * (1 - Math.cos(2 * Math.PI * (tMs / periodMs + phase)))) / 2;
}

/** `on` during the first `share` of each period, `off` during the rest. */
export function pulse(
  on: number,
  off: number,
  periodMs: number,
  { share, phase }: { share: number; phase: number },
): Curve {
  return (tMs) => (fraction(tMs / periodMs + phase) < share ? on : off);
}

/** `base`, and `peak` in those windows of `windowMs` that chance picks with `probability`. */
export function bursts(
  base: number,
  peak: number,
  windowMs: number,
  { probability, seed }: { probability: number; seed: number },
): Curve {
  return (tMs) => (noiseAt(seed, Math.floor(tMs / windowMs)) < probability ? peak : base);
}

/**
 * `curve` times a random factor in [1 − amplitude, 1 + amplitude], which is
 * drawn anew each `windowMs` and glides from one draw to the next.
 */
export function noisy(curve: Curve, amplitude: number, windowMs: number, seed: number): Curve {
  return (tMs) => {
    const place = tMs / windowMs;
    const window = Math.floor(place);
    const from = noiseAt(seed, window);
    const drawn = from + (noiseAt(seed, window + 1) - from) * (place - window);
    return curve(tMs) * (1 + amplitude * (2 * drawn - 1));
  };
}

/** The recorded `values` one after the other, each for `stepMs`, times `scale`; again from the start at the end. */
export function trace(values: readonly number[], stepMs: number, scale: number): Curve {
  return (tMs) => (values[Math.floor(tMs / stepMs) % values.length] ?? 0) * scale;
}

/** All curves together. */
export function sum(curves: readonly Curve[]): Curve {
  return (tMs) => {
    let cores = 0;
    for (const curve of curves) cores += curve(tMs);
    return cores;
  };
}

/** `curve` times `factor`. */
export function scaled(curve: Curve, factor: number): Curve {
  return (tMs) => factor * curve(tMs);
}

/** `curve` as it is `byMs` later; at the start it is already on its way. */
export function shifted(curve: Curve, byMs: number): Curve {
  return (tMs) => curve(tMs + byMs);
}

/**
 * A number in [0, 1) for a window of a seeded sequence, without the ones
 * before it: the finalizer of MurmurHash3 (Austin Appleby, public domain).
 */
function noiseAt(seed: number, window: number): number {
  let mixed = (seed ^ Math.imul(window + 1, 0x9e3779b1)) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 4294967296;
}

function fraction(value: number): number {
  return value - Math.floor(value);
}
