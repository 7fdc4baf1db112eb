import type {
  DashboardGpus,
  DashboardIntents,
  DashboardNode,
  DashboardPod,
  DashboardReleases,
  DashboardSlots,
  SummaryCells,
  SummaryStrip,
} from "@walras/api";

/** The market, as far as a page shows it: whole only in sums, and otherwise a node or a pod at a time. */
export interface MarketSource {
  /** As it is now: some work for each node. */
  summary(): { readonly strip: SummaryStrip; readonly cells: SummaryCells };
  /** null: there is no such node. */
  node(name: string): DashboardNode | null;
  /** null: there is no such pod. */
  pod(namespace: string, name: string): Promise<DashboardPod | null>;
}

/** What a part shows; each has its own. */
export interface PartDashboard {
  readonly market?: MarketSource;
  readonly releases?: () => DashboardReleases;
  readonly slots?: () => DashboardSlots;
  readonly gpus?: () => DashboardGpus;
  readonly intents?: () => DashboardIntents;
  /** Objects that two decide about; the market counts its own in its strip. */
  readonly conflicts?: () => number;
}

/** Who answers, and who decides. */
export interface Standing {
  readonly replica: string;
  readonly leads: () => boolean;
  /** Who leads, as far as is known. */
  readonly leader: () => string | null;
  readonly parts: readonly string[];
}
