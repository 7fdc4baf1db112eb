import { dirname, join } from "node:path";

import { describeError, type Logger, type Runnable } from "@walras/kit";

import { keyOf } from "./argocd/catalogue.ts";
import { ArgoLink } from "./argocd/link.ts";
import { ApplicationWatch } from "./argocd/watch.ts";
import { ChangeAssessor } from "./observe/change/assessor.ts";
import { ConfigHolder, type ConfigHolderOptions } from "./config/holder.ts";
import { refOf } from "./config/named.ts";
import type { AppPolicy, Freeze, ReleaseConfig } from "./config/policy.ts";
import { freezesOf, type Stop, stopOf } from "./decide/freeze.ts";
import { FreezeWatch } from "./state/freezeWatch.ts";
import { LeaseMemory } from "./state/memory.ts";
import { Recollection } from "./loop/recollection.ts";
import { ReleaseEvents } from "./explain/events.ts";
import { ReleaseSinks } from "./explain/sinks.ts";
import { carlaVerdicts } from "./explain/verdicts.ts";
import { UsageObserver, type UsageObserverOptions } from "./observe/headroom/observer.ts";
import { usageSources } from "./observe/headroom/sources.ts";
import type { Sources } from "./observe/observe.ts";
import { ReleaseScheduler } from "./loop/scheduler.ts";
import { Tick } from "./loop/tick.ts";
import { Waiting } from "./observe/waiting.ts";
import { FileJournal, type JournalPort } from "./act/journal.ts";
import { keyedJournal } from "./act/keyedJournal.ts";
import { Pacing } from "./act/pacing.ts";
import { Releaser } from "./act/releaser.ts";
import { Tracks } from "./act/tracks.ts";
import { carlaMetrics, type CarlaMetrics, releaseMetrics, watchObserver } from "./metrics.ts";
import type { Base } from "../../base/base.ts";
import { loopObserver } from "../../base/ops/metrics.ts";
import type { Surroundings } from "../../base/config/surroundings.ts";
import type { Part, PartContext } from "../part.ts";
import type { CarlaFlags } from "./flags.ts";
import { releasesNow, viewNow } from "./wireViews.ts";

/** What CARLA is wired with. */
interface Needs {
  readonly around: Surroundings;
  readonly base: Base;
  /** CARLA's own. */
  readonly namespace: string;
  readonly metrics: CarlaMetrics;
}

/** What is there before anything is decided. */
interface World {
  readonly holder: ConfigHolder;
  readonly argo: ArgoLink;
  readonly watch: ApplicationWatch;
  readonly assessor: ChangeAssessor;
  readonly usage: UsageObserver;
}

/** Releases, by the clinic's hours, the risk and the load. */
export function wireCarla(flags: CarlaFlags, { around, base, config: { namespace }, alone }: PartContext): Part {
  const needs: Needs = { around, base, namespace, metrics: carlaMetrics(base.make) };
  const holder = wireConfig(flags, needs, (config, before) => {
    const { logLevel } = config.policy;
    if (alone) around.logger.level = logLevel;
    else if (logLevel !== before.policy.logLevel)
      around.logger.warn({ logLevel }, "logging.level is not taken beside other parts: --log-level is");
    world.argo.renew();
    if (isUsageOther(config, before)) void world.usage.replace(usageOf(needs, config));
  });
  if (alone) around.logger.level = holder.config.policy.logLevel;
  const world: World = { holder, ...wireArgo(needs, holder), usage: wireUsage(needs, holder) };
  const sinks = wireSinks(needs, world);
  const loop = wireScheduler(needs, { ...world, sinks });
  const { scheduler, freeze } = loop;
  const rows: Runnable = { name: "rows", start: () => undefined, stop: () => sinks.settled() };
  const link: Runnable = { name: "Argo CD", start: () => undefined, stop: () => world.argo.close() };
  const seen = { ...loop, ...world, sinks, clock: around.clock, toldAs };
  return {
    dashboard: { releases: () => releasesNow(seen) },
    runnables: [...holder.watchers, link, world.watch, world.assessor, world.usage, rows, freeze, scheduler],
    views: { "/carla": () => viewNow(seen) },
    notReady: () => (scheduler.ticked ? [] : ["the first tick of carla"]),
    greeting: () => greeting(holder.config.policy),
  };
}

/** The prototype's first line. */
function greeting({ tickMs, rmax }: { readonly tickMs: number; readonly rmax: number }): string {
  return `CARLA scheduler started (tick=${tickMs / 1000}s, Rmax=${rmax.toFixed(2)})`;
}

function isUsageOther({ policy: now }: ReleaseConfig, { policy: before }: ReleaseConfig): boolean {
  return now.tickMs !== before.tickMs || JSON.stringify(now.telemetry) !== JSON.stringify(before.telemetry);
}

function wireConfig(
  flags: CarlaFlags,
  { around: { clock, logger }, metrics }: Needs,
  onChanged: ConfigHolderOptions["onChanged"],
): ConfigHolder {
  return new ConfigHolder({
    policyFile: flags.carlaPolicy,
    appsFile: flags.carlaApps,
    overrideFile: flags.carlaOverride,
    clock,
    logger,
    onRefused: () => metrics.configErrors.inc(),
    onChanged,
  });
}

function wireArgo({ around, base, metrics }: Needs, holder: ConfigHolder): Pick<World, "argo" | "watch" | "assessor"> {
  const { clock, logger } = around;
  const argo = new ArgoLink({
    policy: () => holder.config.policy.argo,
    env: process.env,
    monotonicMs: () => clock.monotonicMs(),
    onUnreadable: (error) => {
      base.metrics.unreadableObjects.inc({ resource: "applications" });
      logger.warn({ error: describeError(error) }, "application cannot be read");
    },
  });
  const watch = new ApplicationWatch({ ...around, reader: argo, observer: watchObserver(metrics) });
  return { argo, watch, assessor: new ChangeAssessor({ ...around, changes: argo }) };
}

function wireUsage(needs: Needs, holder: ConfigHolder): UsageObserver {
  const { clock, logger } = needs.around;
  return new UsageObserver({ ...usageOf(needs, holder.config), clock, logger });
}

function usageOf(
  { around: { clock }, base }: Needs,
  { policy: { telemetry, tickMs } }: ReleaseConfig,
): Pick<UsageObserverOptions, "sources" | "intervalMs"> {
  const live = base.telemetry;
  const agents = live && { nodes: () => live.nodes.values(), ledger: live.ledger };
  return { sources: usageSources({ agents, transport: base.transport, telemetry, clock }), intervalMs: tickMs };
}

function wireSinks({ around: { logger }, base, metrics }: Needs, { holder, watch }: World): ReleaseSinks {
  const application = (told: string): ReturnType<ApplicationWatch["get"]> => {
    const app = holder.config.apps.find(({ name }) => name === told);
    return watch.get(app ? keyOf(refOf(app, holder.config)) : told);
  };
  return new ReleaseSinks({
    policy: () => holder.config.policy,
    override: () => holder.override(),
    toldAs: (key) => toldAs(key, holder.config),
    events: new ReleaseEvents(base.teller("carla", "Release", carlaVerdicts), application),
    metrics: releaseMetrics(metrics),
    logger,
  });
}

function journalFor(holder: ConfigHolder, logger: Logger): JournalPort {
  const lines = new FileJournal(join(dirname(holder.config.policy.decisionsCsv), "releases.jsonl"), logger);
  const keys = (): string[] => holder.config.apps.map((app) => keyOf(refOf(app, holder.config)));
  return keyedJournal(lines, (name) => keys().filter((key) => key.endsWith(`/${name}`)));
}

function appOf(key: string, config: ReleaseConfig): AppPolicy | undefined {
  return config.apps.find((app) => keyOf(refOf(app, config)) === key);
}

/** An application by the name under which it is told of; one that is no longer configured by its whole key. */
function toldAs(key: string, config: ReleaseConfig): string {
  return appOf(key, config)?.name ?? key;
}

/** What decides and acts. */
interface Loop {
  readonly releaser: Releaser;
  readonly pacing: Pacing;
  readonly scheduler: ReleaseScheduler;
  readonly freeze: FreezeWatch;
  /** The policy's, and what `walras carla freeze` has written; null: not known. */
  readonly freezes: () => readonly Freeze[] | null;
}

type Wired = World & { readonly sinks: ReleaseSinks };

function wireScheduler({ around, base, namespace, metrics }: Needs, world: Wired): Loop {
  const { holder, argo, sinks } = world;
  const config = (): ReleaseConfig => holder.config;
  const { mayAct } = base.gate(base.cluster.scope());
  const onChanged = (): void => scheduler.now();
  const freeze = new FreezeWatch({ ...around, transport: base.transport, namespace, onChanged });
  const freezes = (): readonly Freeze[] | null => {
    const told = freeze.current();
    return told && freezesOf(config(), told);
  };
  const tracks = new Tracks();
  const releaser = wireReleaser({ around, base, namespace, metrics }, { ...world, tracks, freeze });
  const recollection = new Recollection(() => releaser.remember(), around);
  const pacing = new Pacing({ ...around, releases: releaser });
  const sources = sourcesOf(world, { tracks, releaser, recollection, freeze, pacing });
  const tick = new Tick({ sources, reader: argo, releaser, config, mayAct, observer: sinks, clock: around.clock });
  const onFollowed = (count: number): void => metrics.inFlight.set(count);
  const observer = loopObserver(base.metrics);
  const acting = { tick, releaser, pacing, recollection, config, mayAct, onFollowed, observer };
  const scheduler: ReleaseScheduler = new ReleaseScheduler({ ...acting, ...around });
  return { releaser, pacing, scheduler, freeze, freezes };
}

function sourcesOf(
  { watch, assessor, usage, holder }: World,
  with_: { tracks: Tracks; releaser: Releaser; recollection: Recollection; freeze: FreezeWatch; pacing: Pacing },
): Sources {
  const { tracks, releaser, recollection, freeze, pacing } = with_;
  return {
    applications: watch,
    releases: releaser,
    tracks,
    waiting: new Waiting(),
    changes: assessor,
    usage: () => usage.usage(),
    override: () => holder.overriddenBy(),
    unremembered: () => recollection.trouble,
    freezes: () => freeze.current(),
    queue: () => pacing.queue(),
  };
}

function wireReleaser(
  { around, base, namespace }: Needs,
  { holder, argo, watch, sinks, tracks, freeze }: Wired & Pick<Loop, "freeze"> & { readonly tracks: Tracks },
): Releaser {
  const { clock, logger } = around;
  const stopFor = (key: string): Stop | null => {
    const { config } = holder;
    const app = appOf(key, config);
    return app ? stopOf(app, freezesOf(config, freeze.current() ?? []), clock.wallMs()) : null;
  };
  return new Releaser({
    ...around,
    actor: argo,
    applications: watch,
    journal: journalFor(holder, logger),
    memory: new LeaseMemory(base.transport, namespace, logger),
    tracks,
    observer: sinks,
    policy: () => ({ ...holder.config.policy.rollout, rolloutAlpha: holder.config.policy.rolloutAlpha }),
    stopFor,
  });
}
