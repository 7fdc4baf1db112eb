import type { SummaryCells, SummaryStrip } from "@walras/api";
import type { Clock } from "@walras/kit";

import type { PartDashboard, Standing } from "./ports.ts";
import type { SummaryNow } from "./summaries.ts";

interface SummarySources {
  readonly parts: readonly PartDashboard[];
  readonly standing: Standing;
  readonly coreHourPrice: number;
  readonly clock: Clock;
}

/** The summary from what parts tell now; without the market there are no nodes in it. */
export function summaryOf({ parts, standing, coreHourPrice, clock }: SummarySources): SummaryNow {
  const market = parts.find((part) => part.market)?.market?.summary() ?? nothing(coreHourPrice);
  const others = parts.reduce((sum, { conflicts }) => sum + (conflicts?.() ?? 0), 0);
  return {
    atMs: clock.wallMs(),
    leader: standing.leads(),
    leaderName: standing.leader(),
    parts: [...standing.parts],
    strip: { ...market.strip, conflicts: market.strip.conflicts + others },
    cells: market.cells,
  };
}

function nothing(coreHourPrice: number): { strip: SummaryStrip; cells: SummaryCells } {
  const strip: SummaryStrip = {
    throttledSecondsPerMinute: null,
    allocatableMilli: 0,
    promisedMilli: 0,
    usedMilli: null,
    rationedPods: 0,
    pods: 0,
    nodes: 0,
    unknownNodes: 0,
    conflicts: 0,
    declaredMilli: 0,
    requestedMilli: 0,
    recommendedMilli: 0,
    ...moneyOf({ promisedMilli: 0, declaredMilli: 0, requestedMilli: 0, recommendedMilli: 0 }, coreHourPrice),
  };
  return { strip, cells: { node: [], price: [], used: [], state: [], pods: [], rationed: [] } };
}

/** Kubecost's month: 365 days of 24 hours over 12. */
const hoursPerMonth = 730;

/** Sums of money: cores times what one costs an hour times 730 hours. */
export function moneyOf(
  milli: Pick<SummaryStrip, "promisedMilli" | "declaredMilli" | "requestedMilli" | "recommendedMilli">,
  coreHourPrice: number,
): Pick<SummaryStrip, "coreHourPrice" | "promisedPerMonth" | "savedPerMonth" | "offeredPerMonth"> {
  const perMonth = (amount: number): number => Math.round((amount / 1000) * coreHourPrice * hoursPerMonth * 100) / 100;
  return {
    coreHourPrice,
    promisedPerMonth: perMonth(milli.promisedMilli),
    savedPerMonth: perMonth(milli.declaredMilli - milli.requestedMilli),
    offeredPerMonth: perMonth(milli.requestedMilli - milli.recommendedMilli),
  };
}
