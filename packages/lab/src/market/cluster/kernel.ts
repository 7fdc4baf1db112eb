import { Market } from "@walras/controller/market";

/** What one pod would use on its node and what speaks for it. */
export interface Claim {
  /** Above 0. */
  readonly weight: number;
  /** Given before weights count. */
  readonly guaranteedMilli: number;
  /** Its need, or its limit where that is less. */
  readonly wantedMilli: number;
}

/**
 * Divides a node's CPU. Without guarantees this is what the kernel's weights do; with them, what rations do.
 * Up to everybody's want the rest goes by weight.
 *
 * @returns millicores, in the order of the claims
 */
export function divide(capacityMilli: number, claims: readonly Claim[]): ArrayLike<number> {
  const wanted = claims.reduce((sum, { wantedMilli }) => sum + wantedMilli, 0);
  if (wanted <= capacityMilli) return claims.map(({ wantedMilli }) => wantedMilli);
  const market = new Market(claims.length);
  for (const { weight, guaranteedMilli, wantedMilli } of claims)
    market.add(weight, Math.min(guaranteedMilli, wantedMilli), wantedMilli);
  market.clear(capacityMilli);
  return market.exactMilli;
}
