import { highestPrice } from "@walras/api";

/** Per millicore to per core, to three digits: nobody looks at a fourth. */
export function pricePerCore(price: number): number {
  return Number(Math.min(highestPrice, price * 1000).toPrecision(3));
}
