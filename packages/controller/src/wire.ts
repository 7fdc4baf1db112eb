import type { Socket } from "node:net";

import type { Clock, Runnable } from "@walras/kit";

import { wireBase } from "./base/base.ts";
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
  const ops = new OpsServer({
    host: config.opsHost,
    port: config.opsPort,
    metrics: base.metrics,
    clock: around.clock,
    access: new ReviewedViewAccess(base.transport, around.clock),
    views: Object.assign({}, ledgerViews, ...wired.map(({ views }) => views)) as Views,
    history: base.history,
    notReady: () => [...new Set([...(telemetry?.troubles() ?? []), ...wired.flatMap((part) => part.notReady())])],
  });
  return {
    runnables: [
      ops,
      ...base.runnables,
      ...wired.flatMap(({ runnables }) => runnables),
      base.writes,
      ...wired.flatMap(({ closing = [] }) => closing),
    ],
    agents: telemetry?.host,
    agentPort: () => telemetry?.port() ?? 0,
    opsPort: () => ops.port,
    greetings: () => wired.flatMap(({ greeting }) => (greeting ? [greeting()] : [])),
  };
}

/** What agents say, as JSON. Who has a GPU is named by its pod. */
function viewsOf({ ledger, gpus }: Telemetry, clock: Clock): Views {
  return {
    "/nodes": () => nodesView(ledger, clock),
    "/demand": { read: () => demandView(ledger, clock), namesPods: true },
    "/gpus": { read: () => gpusView(ledger, gpus, clock), namesPods: true },
  };
}
