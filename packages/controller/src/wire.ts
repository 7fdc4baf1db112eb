import type { Socket } from "node:net";

import type { Clock, Runnable } from "@walras/kit";

import { type Base, wireBase } from "./base/base.ts";
import { configObserver } from "./base/configFile/observer.ts";
import { ConfigWatcher, type Settings } from "./base/configFile/watcher.ts";
import { wireDashboard } from "./base/dashboard/wire.ts";
import { OpsServer } from "./base/ops/http.ts";
import { ReviewedViewAccess } from "./base/ops/viewAccess.ts";
import type { Views } from "./base/ops/views.ts";
import type { Surroundings } from "./base/config/surroundings.ts";
import type { AgentHost } from "./base/telemetry/agents/call.ts";
import { gpusView } from "./base/telemetry/gpus/view.ts";
import { demandView } from "./base/telemetry/ledger/demandView.ts";
import { nodesView } from "./base/telemetry/ledger/view.ts";
import type { Telemetry } from "./base/telemetry/telemetry.ts";
import { batchPart } from "./parts/batch/part.ts";
import { carlaPart } from "./parts/carla/part.ts";
import { gpuPart } from "./parts/gpu/part.ts";
import { intentsPart } from "./parts/intents/part.ts";
import { marketPart } from "./parts/market/part.ts";
import type { ControllerConfig, ListedPart, Part } from "./parts/part.ts";

/** Every part there is. */
export const parts: readonly ListedPart[] = [marketPart, carlaPart, batchPart, gpuPart, intentsPart];

/** The controller, wired: what runs, in the order it starts. */
export interface Controller {
  readonly runnables: readonly Runnable[];
  /** For agents of this process; undefined: none are served. */
  readonly agents: AgentHost | undefined;
  readonly agentPort: () => number;
  readonly opsPort: () => number;
  /** undefined: there is no dashboard. */
  readonly dashboardPort: () => number | undefined;
  /** First lines of the log. */
  readonly greetings: () => readonly string[];
}

/** Puts the controller together; nothing runs before its runnables are started. */
export async function wire(config: ControllerConfig, around: Surroundings): Promise<Controller> {
  const base = await wireBase(config, config.agentsAt, around);
  const alone = config.configured.length === 1;
  const wired: Part[] = [];
  // Nobody connects before the ops server is there: it is started first.
  const serveHttp = (socket: Socket): void => ops.serve(socket);
  for (const part of config.configured) wired.push(await part.wire({ around, base, config, alone, serveHttp }));
  const { telemetry } = base;
  const ledgerViews: Views = telemetry ? viewsOf(telemetry, around.clock) : {};
  const reviews = new ReviewedViewAccess(base.transport, around.clock);
  const shown = wired.flatMap((part) => part.dashboard ?? []);
  const dashboard = wireDashboard(config, { around, base, names: config.parts, parts: shown, reviews });
  const ops = new OpsServer({
    host: config.opsHost,
    port: config.opsPort,
    metrics: base.metrics,
    clock: around.clock,
    access: reviews,
    views: Object.assign({}, ledgerViews, ...wired.map(({ views }) => views)) as Views,
    history: base.history,
    notReady: () => [...new Set([...(telemetry?.troubles() ?? []), ...wired.flatMap((part) => part.notReady())])],
  });
  return {
    runnables: [
      ops,
      ...(dashboard ? [dashboard] : []),
      ...base.runnables,
      ...wired.flatMap(({ runnables }) => runnables),
      ...watchFile(config, around, { base, wired }),
      base.writes,
      ...wired.flatMap(({ closing = [] }) => closing),
    ],
    agents: telemetry?.host,
    agentPort: () => telemetry?.port() ?? 0,
    opsPort: () => ops.port,
    dashboardPort: () => dashboard?.port,
    greetings: () => wired.flatMap(({ greeting }) => (greeting ? [greeting()] : [])),
  };
}

/** Looked at so often; kubelet itself takes a minute to project a ConfigMap. */
const lookEveryMs = 2_000;

/** Takes the configuration file again when it changes, where there is one. */
function watchFile(
  config: ControllerConfig,
  around: Surroundings,
  { base, wired }: { readonly base: Base; readonly wired: readonly Part[] },
): readonly Runnable[] {
  const { file, live, namespace, leaseName } = config;
  if (!file) return [];
  const { logger } = around;
  let level = config.logLevel;
  const watcher = new ConfigWatcher<ControllerConfig>({
    file: file.name,
    text: file.text,
    config,
    configurable: {
      read: file.again,
      settingsOf,
      live,
      apply: ({ logLevel, configured }) => {
        if (logLevel !== level) logger.level = level = logLevel;
        for (const [index, part] of wired.entries()) {
          const fresh = configured.find(({ name }) => name === config.configured[index]?.name);
          if (fresh) part.take?.(fresh.flags);
        }
      },
    },
    observer: configObserver({ ...base, file: file.name, lease: { namespace, name: leaseName }, logger }),
    logger,
  });
  return [base.repeating("configuration file", lookEveryMs, () => watcher.look())];
}

function settingsOf({ configured, file: _, live: __, unread: ___, ...base }: ControllerConfig): Settings {
  return Object.assign({}, base, ...configured.map(({ flags }) => flags)) as Settings;
}

/** What agents say, as JSON. Who has a GPU is named by its pod. */
function viewsOf({ ledger, gpus }: Telemetry, clock: Clock): Views {
  return {
    "/nodes": () => nodesView(ledger, clock),
    "/demand": { read: () => demandView(ledger, clock), namesPods: true },
    "/gpus": { read: () => gpusView(ledger, gpus, clock), namesPods: true },
  };
}
