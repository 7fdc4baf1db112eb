/** A price as people read it; "-" where none is known. */
export function priceText(price: number | null | undefined): string {
  return price === null || price === undefined ? "-" : String(Number(price.toPrecision(3)));
}

/** Millicores, `250m`; "-" where they are not known. */
export function milliText(milli: number | null | undefined): string {
  return milli === null || milli === undefined ? "-" : `${Math.round(milli)}m`;
}

/** Cores with two places; "-" where they are not known. */
export function coresText(milli: number | null | undefined): string {
  return milli === null || milli === undefined ? "-" : (milli / 1000).toFixed(2);
}

/** Seconds with one place; "-" where they are not known. */
export function secondsText(seconds: number | null | undefined): string {
  return seconds === null || seconds === undefined ? "-" : seconds.toFixed(1);
}

/** `+50m`, `-20m`, `0m`. */
export function changeText(milli: number): string {
  return `${milli > 0 ? "+" : ""}${Math.round(milli)}m`;
}
