import type { Runnable } from "@walras/kit";

import type { PartContext } from "../part.ts";
import type { IntentFlags } from "./flags.ts";
import { type IntentMetrics, pluginObserver } from "./metrics.ts";
import { PluginManager } from "./plugins/manager/manager.ts";
import type { Plugins } from "./plugins/manager/ports.ts";
import { PluginPlanner } from "./plugins/planner.ts";
import type { PluginSecurityOptions } from "./plugins/security.ts";
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
  const manager = flags.intentsPlugins === undefined ? undefined : wireManager(needs, flags.intentsPlugins);
  const plugins = manager?.plugins ?? noPlugins;
  return { planner: new PluginPlanner({ ...around, config, plugins }), runnables: manager ? [manager] : [] };
}

function wireManager({ flags, metrics, around, plans }: PluginNeeds, address: string): PluginManager {
  return new PluginManager({
    ...around,
    address,
    security: securityOf(flags),
    accepts: plans,
    observer: pluginObserver(metrics),
  });
}

function securityOf(flags: IntentFlags): PluginSecurityOptions {
  const { intentsPluginTlsCert: certFile, intentsPluginTlsKey: keyFile, intentsPluginTlsCa: caFile } = flags;
  const isWhole = certFile !== undefined && keyFile !== undefined && caFile !== undefined;
  return {
    tokenFile: flags.intentsPluginTokenFile,
    insecure: flags.intentsPluginInsecure,
    tls: isWhole ? { certFile, keyFile, caFile } : undefined,
  };
}
