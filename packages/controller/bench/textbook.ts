/** Bids of one node in flat arrays. */
export interface FlatMarket {
  readonly capacityMilli: number;
  readonly weight: Float64Array;
  readonly floorMilli: Float64Array;
  readonly capMilli: Float64Array;
}

/** The least anybody is given, whatever it does to the sum. */
const leastMilli = 10;

/**
 * Water-filling as textbooks and MBCAS have it: hand out what is left in
 * proportion to weight, take back what exceeds a cap, repeat. For comparison
 * only: with floors that do not fit its sum can exceed the capacity.
 *
 * @returns millicores, rounded to whole ones
 */
export function redistribute(market: FlatMarket): Float64Array {
  const { capacityMilli, weight, floorMilli, capMilli } = market;
  const count = weight.length;
  const given = Float64Array.from(floorMilli);
  const floors = floorMilli.reduce((sum, floor) => sum + floor, 0);
  if (floors > capacityMilli) return scaledFloors(market);
  let remaining = capacityMilli - floors;
  let active = Array.from({ length: count }, (_, index) => index).filter((i) => given[i]! < capMilli[i]!);
  while (remaining > 1e-6 && active.length > 0) {
    const weights = active.reduce((sum, i) => sum + weight[i]!, 0);
    const perWeight = remaining / weights;
    for (const i of active) {
      const more = Math.min(perWeight * weight[i]!, capMilli[i]! - given[i]!);
      given[i] = given[i]! + more;
      remaining -= more;
    }
    active = active.filter((i) => given[i]! < capMilli[i]! - 1e-9);
  }
  return given.map((milli) => Math.max(leastMilli, Math.round(milli)));
}

function scaledFloors({ capacityMilli, weight, floorMilli }: FlatMarket): Float64Array {
  const total = floorMilli.reduce((sum, floor, i) => sum + floor * weight[i]!, 0);
  return floorMilli.map((floor, i) => Math.max(leastMilli, (capacityMilli * floor * weight[i]!) / total));
}
