import type { Runnable } from "@walras/kit";

import type { ControllerConfig } from "../config.ts";
import { OpsServer } from "../ops/http.ts";
import { createMetrics } from "../ops/metrics.ts";
import { wireAccess } from "./access.ts";
import type { Part, Surroundings } from "./surroundings.ts";

export type { Surroundings } from "./surroundings.ts";

/** The controller, wired: its parts in the order they start. */
export interface Controller {
  readonly parts: readonly Runnable[];
  readonly agentPort: () => number;
  readonly opsPort: () => number;
  /** First lines of the log, once started. */
  readonly greetings: () => readonly string[];
}

/** Puts the controller together; nothing runs before its parts are started. A part that is not wanted is not loaded. */
export async function wire(config: ControllerConfig, around: Surroundings): Promise<Controller> {
  const metrics = createMetrics();
  const access = await wireAccess(config, around, metrics);
  const wants = (name: ControllerConfig["parts"][number]): boolean => config.parts.includes(name);
  const market = wants("market") ? (await import("./market.ts")).wireMarket(config, around, access) : undefined;
  const carla = wants("carla")
    ? (await import("./carla.ts")).wireCarla(config, around, { ...access, nodes: market?.stores.nodes })
    : undefined;
  const batch = wants("batch")
    ? (await import("./batch.ts")).wireBatch(config, around, { ...access, agents: market !== undefined })
    : undefined;
  const parts: readonly Part[] = [market, carla, batch].filter((part) => part !== undefined);
  const ops = new OpsServer({
    host: config.opsHost,
    port: config.opsPort,
    metrics,
    views: Object.assign({}, ...parts.map(({ views }) => views)) as Part["views"],
    notReady: () => parts.flatMap((part) => part.notReady()),
  });
  const { queue, elector } = access;
  return {
    parts: [ops, queue, elector, ...parts.flatMap(({ runnables }) => runnables)],
    agentPort: () => market?.agentPort() ?? 0,
    opsPort: () => ops.port,
    greetings: () => parts.flatMap(({ greeting }) => (greeting ? [greeting()] : [])),
  };
}
