/** How a cursor in a list moves. */
export type Move = "up" | "down" | "first" | "last" | "pageUp" | "pageDown";

export const pageSize = 50;

/** Where the cursor is after a move. @param index −1: nowhere yet */
export function moved(index: number, count: number, move: Move): number {
  if (count === 0) return -1;
  const wanted = {
    up: index - 1,
    down: index + 1,
    first: 0,
    last: count - 1,
    pageUp: index - pageSize,
    pageDown: index + pageSize,
  };
  return Math.min(count - 1, Math.max(0, index < 0 ? 0 : wanted[move]));
}

/** The page of a long list that a cursor is on: from, inclusive, until, exclusive. */
export function pageOf(index: number, count: number): { readonly from: number; readonly until: number } {
  const from = Math.max(0, Math.floor(Math.max(0, index) / pageSize) * pageSize);
  return { from: Math.min(from, Math.max(0, count - 1)), until: Math.min(count, from + pageSize) };
}

/** Where the chosen one is now. It may have moved or gone; then the one at its former place is chosen. */
export function indexOf(keys: readonly string[], chosen: string | null, former: number): number {
  if (keys.length === 0) return -1;
  const found = chosen === null ? -1 : keys.indexOf(chosen);
  return found >= 0 ? found : Math.min(Math.max(former, 0), keys.length - 1);
}
