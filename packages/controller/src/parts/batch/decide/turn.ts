/** Who would like to release jobs. */
export interface Claimant {
  readonly owner: string;
  /** Jobs unfinished and granted. */
  readonly holds: number;
  /** Jobs that it would still release if there were room. */
  readonly wants: number;
  /** Monotonic milliseconds of its last grant; -Infinity: never. */
  readonly servedMs: number;
}

/**
 * Who gets the free slots, one entry for each slot: those who hold least
 * first, among them those who were served longest ago, then by name. Nobody
 * gets a second one while another who holds less wants its first.
 */
export function turns(claimants: readonly Claimant[], free: number): readonly string[] {
  const order: string[] = [];
  let waiting = claimants.filter(({ wants }) => wants > 0).toSorted(byDesert);
  while (order.length < free && waiting.length > 0) {
    const least = waiting[0]?.holds ?? 0;
    const level = waiting.filter(({ holds }) => holds === least);
    for (const { owner } of level.slice(0, free - order.length)) order.push(owner);
    const risen = level
      .map((one) => ({ ...one, holds: one.holds + 1, wants: one.wants - 1 }))
      .filter(({ wants }) => wants > 0);
    waiting = [...risen, ...waiting.slice(level.length)].toSorted(byDesert);
  }
  return order;
}

/** Whether it is `one`'s turn rather than `other`'s. */
export function isBefore(one: Claimant, other: Claimant): boolean {
  return byDesert(one, other) < 0;
}

function byDesert(one: Claimant, other: Claimant): number {
  if (one.holds !== other.holds) return one.holds - other.holds;
  if (one.servedMs !== other.servedMs) return one.servedMs < other.servedMs ? -1 : 1;
  return one.owner < other.owner ? -1 : 1;
}
