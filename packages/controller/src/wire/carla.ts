import { dirname, join } from "node:path";

import { describeError, type Runnable } from "@walras/kit";

import { keyOf } from "../carla/argocd/catalogue.ts";
import { ArgoLink } from "../carla/argocd/link.ts";
import { ApplicationWatch } from "../carla/argocd/watch.ts";
import { openingAt } from "../carla/calendar/open.ts";
import { ChangeAssessor } from "../carla/change/assessor.ts";
import { ConfigHolder } from "../carla/config/holder.ts";
import type { ReleaseConfig } from "../carla/config/policy.ts";
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

/** What is there before anything is decided. */
interface World {
  readonly holder: ConfigHolder;
  readonly argo: ArgoLink;
  readonly watch: ApplicationWatch;
  readonly assessor: ChangeAssessor;
  readonly usage: UsageObserver;
}

/** Releases, by the clinic's hours, the risk and the load. */
export function wireCarla(config: ControllerConfig, around: Surroundings, access: CarlaAccess): Part {
  const holder = wireConfig(config, around, access);
  if (config.parts.length === 1) around.logger.level = holder.config.policy.logLevel;
  const world: World = { holder, ...wireArgo(around, access, holder), usage: wireUsage(around, access, holder) };
  const sinks = wireSinks(around, access, world);
  const { releaser, scheduler } = wireScheduler(around, access, { ...world, sinks });
  const rows: Runnable = { name: "rows", start: () => undefined, stop: () => sinks.settled() };
  const link: Runnable = { name: "Argo CD", start: () => undefined, stop: () => world.argo.close() };
  const view = (): object =>
    releaseView({
      decision: sinks.lastDecision,
      releases: releaser.inFlight(),
      opening: openingAt(holder.config.policy.calendar, around.clock.wallMs()),
      usage: world.usage.usage(),
      configError: holder.error,
    });
  return {
    runnables: [holder.watcher, link, world.watch, world.assessor, world.usage, rows, scheduler],
    views: { "/carla": view },
    notReady: () => (scheduler.ticked ? [] : ["the first tick of carla"]),
    greeting: () => greeting(holder.config.policy),
  };
}

/** The prototype's first line. */
function greeting({ tickMs, rmax }: { readonly tickMs: number; readonly rmax: number }): string {
  return `CARLA scheduler started (tick=${tickMs / 1000}s, Rmax=${rmax.toFixed(2)})`;
}

function wireConfig(config: ControllerConfig, { clock, logger }: Surroundings, { metrics }: CarlaAccess): ConfigHolder {
  return new ConfigHolder({
    policyFile: config.carlaPolicy,
    appsFile: config.carlaApps,
    overrideFile: config.carlaOverride,
    clock,
    logger,
    onRefused: () => metrics.releaseConfigErrors.inc(),
  });
}

function wireArgo(
  around: Surroundings,
  { metrics }: CarlaAccess,
  holder: ConfigHolder,
): Pick<World, "argo" | "watch" | "assessor"> {
  const { clock, logger } = around;
  const argo = new ArgoLink({
    policy: () => holder.config.policy.argo,
    env: process.env,
    monotonicMs: () => clock.monotonicMs(),
    onUnreadable: (error) => {
      metrics.unreadableObjects.inc({ resource: "applications" });
      logger.warn({ error: describeError(error) }, "application cannot be read");
    },
  });
  const watch = new ApplicationWatch({ ...around, reader: argo, observer: watchMetrics(metrics) });
  return { argo, watch, assessor: new ChangeAssessor({ ...around, changes: argo }) };
}

function wireUsage(
  { clock, logger }: Surroundings,
  { transport, ledger, nodes }: CarlaAccess,
  holder: ConfigHolder,
): UsageObserver {
  const { telemetry, tickMs } = holder.config.policy;
  const agents = nodes && { nodes: () => nodes.values(), ledger };
  const sources = usageSources({ agents, transport, telemetry, clock });
  return new UsageObserver({ sources, intervalMs: tickMs, clock, logger });
}

function wireSinks({ logger }: Surroundings, { events, metrics }: CarlaAccess, { holder, watch }: World): ReleaseSinks {
  const application = (name: string): ReturnType<ApplicationWatch["get"]> => {
    const app = holder.config.apps.find((one) => one.name === name);
    return app && watch.get(keyOf(refOf(app, holder.config)));
  };
  return new ReleaseSinks({
    policy: () => holder.config.policy,
    events: new ReleaseEvents(events, application),
    metrics: releaseMetrics(metrics),
    logger,
  });
}

function wireScheduler(
  around: Surroundings,
  { elector, metrics }: CarlaAccess,
  { holder, argo, watch, assessor, usage, sinks }: World & { readonly sinks: ReleaseSinks },
): { readonly releaser: Releaser; readonly scheduler: ReleaseScheduler } {
  const { clock, logger } = around;
  const config = (): ReleaseConfig => holder.config;
  const mayAct = (): boolean => elector.leads();
  const tracks = new Tracks();
  const releaser = new Releaser({
    ...around,
    actor: argo,
    applications: watch,
    journal: new FileJournal(join(dirname(config().policy.decisionsCsv), "releases.jsonl"), logger),
    tracks,
    observer: sinks,
    policy: () => ({ ...config().policy.rollout, rolloutAlpha: config().policy.rolloutAlpha }),
  });
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
  const onFollowed = (count: number): void => metrics.releasesInFlight.set(count);
  const scheduler = new ReleaseScheduler({ tick, releaser, config, mayAct, onFollowed, clock, logger });
  return { releaser, scheduler };
}
