/** What a pod has in millicores; null: no limit. */
export interface Sizes {
  readonly requestMilli: number;
  readonly limitMilli: number | null;
}

/** How somebody sizes a service. */
export interface Policy {
  readonly name: string;
  /** Whether the market sizes it from then on. */
  readonly managed: boolean;
  /** @param learnedMilli what it was seen to use before, at its 95th percentile */
  sizes(declared: Sizes, learnedMilli: number): Sizes;
}

const leastMilli = 10;

const declared: Policy = { name: "declared", managed: false, sizes: (own) => own };

const none: Policy = { name: "none", managed: false, sizes: (own) => ({ ...own, limitMilli: null }) };

/** Request and limit from the 95th percentile of use, as advisers give them. */
const p95: Policy = {
  name: "p95",
  managed: false,
  sizes: (_, learnedMilli) => {
    const milli = Math.max(leastMilli, Math.round(learnedMilli));
    return { requestMilli: milli, limitMilli: milli };
  },
};

const ours: Policy = { name: "ours", managed: true, sizes: (own) => own };

/** The four that every row compares. */
export const policies: readonly Policy[] = [declared, p95, none, ours];
