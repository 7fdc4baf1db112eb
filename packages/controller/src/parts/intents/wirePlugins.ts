import type { Runnable } from "@walras/kit";

import type { PartContext } from "../part.ts";
import type { IntentFlags } from "./flags.ts";
import { type IntentMetrics, pluginObserver } from "./metrics.ts";
import { type PluginFlags, pluginSecurityOf } from "./plugins/flags.ts";
import { PluginManager } from "./plugins/manager/manager.ts";
import type { Plugins } from "./plugins/manager/ports.ts";
import { PluginPlanner } from "./plugins/planner.ts";
import type { IntentConfig } from "./readConfig.ts";

/** Whoever plans, with the actuators in other processes. */
export interface WiredPlanner {
  readonly planner: PluginPlanner;
  readonly runnables: readonly Runnable[];
}

export interface PluginNeeds {
  readonly flags: IntentFlags;
  readonly config: IntentConfig;
  readonly metrics: IntentMetrics;
  readonly around: PartContext["around"];
  /** Whether this process plans now. */
  readonly plans: () => boolean;
}

/** Where no actuator may register. */
const noPlugins: Plugins = {
  names: () => [],
  propose: () => Promise.resolve([]),
  perform: () => Promise.resolve(),
  effect: () => Promise.resolve(),
};

export function wirePlanner(needs: PluginNeeds): WiredPlanner {
  const { config, around, flags } = needs;
  const manager = takesPlugins(flags) ? wireManager(needs) : undefined;
  const plugins = manager?.plugins ?? noPlugins;
  return { planner: new PluginPlanner({ ...around, config, plugins }), runnables: manager ? [manager] : [] };
}

/** Whoever cannot prove himself is not let in: without a way to do that nobody listens. */
function takesPlugins(flags: PluginFlags): boolean {
  const { tokenFile, tls, insecure = false } = pluginSecurityOf(flags);
  return tokenFile !== undefined || tls !== undefined || insecure;
}

function wireManager({ flags, config, metrics, around, plans }: PluginNeeds): PluginManager {
  const { plugin_manager_port: port } = config.planner.planner.astar;
  return new PluginManager({
    ...around,
    address: flags.intentsPluginAddress ?? `0.0.0.0:${port}`,
    security: pluginSecurityOf(flags),
    accepts: plans,
    observer: pluginObserver(metrics),
  });
}
