import { dirname, join } from "node:path";

import type { Runnable } from "@walras/kit";
import { retryReads } from "@walras/kube";

import { keyOf } from "../carla/argocd/catalogue.ts";
import { ArgoLink } from "../carla/argocd/link.ts";
import { ApplicationWatch } from "../carla/argocd/watch.ts";
import { openingAt } from "../carla/calendar/open.ts";
import { ChangeAssessor } from "../carla/change/assessor.ts";
import { ConfigHolder } from "../carla/config/holder.ts";
import { ReleaseEvents } from "../carla/explain/events.ts";
import { ReleaseSinks } from "../carla/explain/sinks.ts";
import { releaseView } from "../carla/explain/view.ts";
import { UsageObserver } from "../carla/headroom/observer.ts";
import { usageSources } from "../carla/headroom/sources.ts";
import { refOf, type Sources } from "../carla/loop/observe.ts";
import { ReleaseScheduler } from "../carla/loop/scheduler.ts";
import { Tick } from "../carla/loop/tick.ts";
import { Waiting } from "../carla/loop/waiting.ts";
import { FileJournal } from "../carla/release/journal.ts";
import { Releaser } from "../carla/release/releaser.ts";
import { Tracks } from "../carla/release/tracks.ts";
import type { ClusterStores } from "../cluster/stores.ts";
import type { ControllerConfig } from "../config.ts";
import { releaseMetrics, watchMetrics } from "../ops/carlaObservers.ts";
import type { Access } from "./access.ts";
import type { Part, Surroundings } from "./surroundings.ts";

/** The nodes of the market, where it is a part as well: with them come their agents. */
type CarlaAccess = Access & { readonly nodes: ClusterStores["nodes"] | undefined };

/** Releases, by the clinic's hours, the risk and the load. */
export function wireCarla(config: ControllerConfig, around: Surroundings, access: CarlaAccess): Part {
  const { clock, logger } = around;
  const { metrics, elector, events } = access;
  const mayAct = (): boolean => elector.leads();
  const holder = new ConfigHolder({
    policyFile: config.carlaPolicy,
    appsFile: config.carlaApps,
    overrideFile: config.carlaOverride,
    clock,
    logger,
    onRefused: () => metrics.releaseConfigErrors.inc(),
  });
  const policy = (): typeof holder.config.policy => holder.config.policy;
  if (config.parts.length === 1) logger.level = policy().logLevel;
  const { argo, watch, assessor } = wireArgo(around, access, holder);
  const findApp = (name: string): ReturnType<ApplicationWatch["get"]> => {
    const app = holder.config.apps.find((one) => one.name === name);
    return app && watch.get(keyOf(refOf(app, holder.config)));
  };
  const sinks = new ReleaseSinks({
    policy,
    events: new ReleaseEvents(events, findApp),
    metrics: releaseMetrics(metrics),
    logger,
  });
  const tracks = new Tracks();
  const releaser = new Releaser({
    ...around,
    actor: argo,
    applications: watch,
    journal: new FileJournal(join(dirname(policy().decisionsCsv), "releases.jsonl"), logger),
    tracks,
    observer: sinks,
    policy: () => ({ ...policy().rollout, rolloutAlpha: policy().rolloutAlpha }),
  });
  const usage = wireUsage(around, access, holder);
  const sources: Sources = {
    applications: watch,
    releases: releaser,
    tracks,
    waiting: new Waiting(),
    changes: assessor,
    usage: () => usage.usage(),
    override: () => holder.override(),
  };
  const tick = new Tick({ sources, reader: argo, releaser, mayAct, observer: sinks, clock });
  const scheduler = new ReleaseScheduler({
    tick,
    releaser,
    config: () => holder.config,
    mayAct,
    onFollowed: (count) => metrics.releasesInFlight.set(count),
    clock,
    logger,
  });
  const rows: Runnable = { name: "rows", start: () => undefined, stop: () => sinks.settled() };
  const link: Runnable = { name: "Argo CD", start: () => undefined, stop: () => argo.close() };
  return {
    runnables: [holder.watcher, link, watch, assessor, usage, rows, scheduler],
    views: {
      "/carla": () =>
        releaseView({
          decision: sinks.lastDecision,
          releases: releaser.inFlight(),
          opening: openingAt(policy().calendar, clock.wallMs()),
          usage: usage.usage(),
          configError: holder.error,
        }),
    },
    notReady: () => (scheduler.ticked ? [] : ["the first tick of carla"]),
    greeting: () => greeting(policy()),
  };
}

function greeting({ tickMs, rmax }: { readonly tickMs: number; readonly rmax: number }): string {
  return `CARLA scheduler started (tick=${tickMs / 1000}s, Rmax=${rmax.toFixed(2)})`;
}

function wireArgo(
  around: Surroundings,
  { metrics }: CarlaAccess,
  holder: ConfigHolder,
): { readonly argo: ArgoLink; readonly watch: ApplicationWatch; readonly assessor: ChangeAssessor } {
  const { clock, logger } = around;
  const argo = new ArgoLink({
    policy: () => holder.config.policy.argo,
    env: process.env,
    monotonicMs: () => clock.monotonicMs(),
    onUnreadable: (error) => {
      metrics.unreadableObjects.inc({ resource: "applications" });
      logger.warn({ error: error instanceof Error ? error.message : String(error) }, "application cannot be read");
    },
  });
  const watch = new ApplicationWatch({ ...around, reader: argo, observer: watchMetrics(metrics) });
  return { argo, watch, assessor: new ChangeAssessor({ ...around, changes: argo }) };
}

function wireUsage(
  around: Surroundings,
  { transport, ledger, nodes }: CarlaAccess,
  holder: ConfigHolder,
): UsageObserver {
  const { clock, logger } = around;
  const agents = nodes && { nodes: () => nodes.values(), ledger };
  const sources = usageSources({
    agents,
    transport: retryReads(transport, clock),
    telemetry: holder.config.policy.telemetry,
    clock,
  });
  return new UsageObserver({ sources, intervalMs: holder.config.policy.tickMs, clock, logger });
}
