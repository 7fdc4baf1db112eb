import type { Finding } from "./report.ts";

/** What a pod has. */
export interface Holding {
  readonly podIndex: number;
  readonly node: string | null;
  readonly devices: readonly string[];
  readonly share: string | null;
}

/** Pods that see a GPU which another sees too, and may not. By pod index. */
export function doubleBookings(holdings: readonly Holding[]): ReadonlyMap<number, readonly Finding[]> {
  const pairs = holdings.flatMap((holding) => holding.devices.map((device) => ({ holding, device })));
  const found = new Map<number, Finding[]>();
  for (const users of Map.groupBy(pairs, ({ holding, device }) => keyOf(holding.node, device)).values())
    for (const { holding, device } of users) {
      const others = users.map((user) => user.holding).filter((other) => !mayShare(holding, other));
      if (others.length === 0) continue;
      const names = others.map(({ podIndex }) => `pod ${podIndex}`).join(", ");
      const finding: Finding = { state: "double booked", message: `${device} of ${holding.node} is ${names}'s too` };
      found.set(holding.podIndex, [...(found.get(holding.podIndex) ?? []), finding]);
    }
  return found;
}

function mayShare(one: Holding, other: Holding): boolean {
  return one.podIndex === other.podIndex || (one.share !== null && one.share === other.share);
}

/** A UUID is one GPU wherever it is; a number is one of its node. */
function keyOf(node: string | null, device: string): string {
  return device.startsWith("#") ? `${node}/${device}` : device;
}
