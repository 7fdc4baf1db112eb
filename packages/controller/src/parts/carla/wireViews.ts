import type { DashboardReleases } from "@walras/api";
import type { Clock } from "@walras/kit";

import type { Pacing } from "./act/pacing.ts";
import type { Release } from "./act/release.ts";
import type { Releaser } from "./act/releaser.ts";
import { openingAt } from "./calendar/open.ts";
import type { ConfigHolder } from "./config/holder.ts";
import type { Freeze, ReleaseConfig } from "./config/policy.ts";
import { releasesOf } from "./explain/dashboard.ts";
import type { ReleaseSinks } from "./explain/sinks.ts";
import { type ReleaseView, releaseView } from "./explain/view.ts";
import type { UsageObserver } from "./observe/headroom/observer.ts";
import type { FreezeWatch } from "./state/freezeWatch.ts";

/** What is shown of releases is read from these. */
interface Seen {
  readonly holder: ConfigHolder;
  readonly usage: Pick<UsageObserver, "usage">;
  readonly sinks: Pick<ReleaseSinks, "lastDecision" | "notSynced">;
  readonly releaser: Pick<Releaser, "inFlight">;
  readonly pacing: Pick<Pacing, "queue">;
  readonly freeze: Pick<FreezeWatch, "trouble">;
  readonly freezes: () => readonly Freeze[] | null;
  readonly clock: Clock;
  /** The name under which an application is told of, by its key. */
  readonly toldAs: (key: string, config: ReleaseConfig) => string;
}

/** /carla */
export function viewNow(seen: Seen): ReleaseView {
  const { holder, usage, sinks, pacing, freezes, freeze, clock } = seen;
  return releaseView({
    decision: sinks.lastDecision,
    releases: inFlight(seen),
    queue: pacing.queue(),
    opening: openingAt(holder.config.policy.calendar, clock.wallMs()),
    usage: usage.usage(),
    configError: holder.error,
    override: holder.override(),
    freezes: freezes(),
    freezeTrouble: freeze.trouble,
    notSynced: sinks.notSynced,
  });
}

/** The same for the dashboard, on the calendar. */
export function releasesNow(seen: Seen): DashboardReleases {
  const { holder, usage, sinks, freezes, freeze, clock } = seen;
  const nowMs = clock.wallMs();
  const { calendar } = holder.config.policy;
  return releasesOf({
    nowMs,
    calendar,
    opening: openingAt(calendar, nowMs),
    decision: sinks.lastDecision,
    releases: inFlight(seen),
    usageSource: usage.usage().source,
    freezes: freezes(),
    freezeTrouble: freeze.trouble,
    notSynced: sinks.notSynced,
    configError: holder.error,
  });
}

function inFlight({ releaser, holder, toldAs }: Seen): Release[] {
  return releaser.inFlight().map((one) => ({ ...one, app: toldAs(one.app, holder.config) }));
}
