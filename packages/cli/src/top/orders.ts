/** What `walras top` can be sorted by. */
export const topOrders = ["price", "promised", "rationed", "used", "throttled", "name"] as const;

export type TopOrder = (typeof topOrders)[number];
