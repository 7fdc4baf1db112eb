import type { Clock } from "@walras/kit";

import type { History } from "../../../../base/history/history.ts";
import type { Ledger } from "../../../../base/telemetry/ledger/ledger.ts";
import type { MarketPolicy } from "../../decide/policy.ts";
import type { MarketBook } from "../../observe/book.ts";
import type { MarketCluster } from "../../observe/view.ts";
import type { RoundResult } from "../result.ts";
import type { ThrottledNow } from "./throttledNow.ts";

/** What the dashboard sees the market by. */
export interface MarketSight {
  readonly cluster: Pick<MarketCluster, "pods" | "nodes" | "podsOn" | "node">;
  readonly ledger: Pick<Ledger, "node">;
  readonly book: Pick<MarketBook, "now">;
  readonly policy: MarketPolicy;
  /** The node's last round; undefined: there was none. */
  readonly resultOf: (node: string) => RoundResult | undefined;
  readonly throttled: Pick<ThrottledNow, "milli" | "retain">;
  readonly history: Pick<History, "query">;
  readonly clock: Clock;
}
