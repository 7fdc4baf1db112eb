import { type MetricFactory, stepBuckets } from "../../base/ops/registry.ts";
import type { LoopObserver } from "./loop/steps.ts";
import type { PluginObserver } from "./plugins/manager/ports.ts";

/** What planning for intents counts. */
export type IntentMetrics = ReturnType<typeof intentMetrics>;

export function intentMetrics({ counter, gauge, histogram }: MetricFactory) {
  return {
    stepSeconds: histogram({
      name: "walras_intents_step_seconds",
      help: "Time of one step of a round",
      labels: ["step"],
      buckets: stepBuckets,
    }),
    decisions: counter("walras_intents_decisions_total", "Intents that were planned for, each round", ["verdict"]),
    executions: counter("walras_intents_executions_total", "Plans that were to be carried out", ["verdict"]),
    effects: counter("walras_intents_effects_total", "Plans by what was seen of them", ["verdict"]),
    cutShort: counter(
      "walras_intents_searches_cut_short_total",
      "Searches that were ended before the cheapest plan was proved",
      ["by"],
    ),
    unrecorded: counter("walras_intents_unrecorded_total", "Events that the knowledge base did not keep"),
    learnt: counter("walras_intents_models_total", "Models that were learnt, and old ones that still hold", ["kind"]),
    queries: counter("walras_intents_queries_total", "Queries for KPIs and metrics of nodes", ["outcome"]),
    plugins: gauge("walras_intents_plugins", "Actuators that have registered"),
    pluginCalls: counter("walras_intents_plugin_calls_total", "Calls to actuators", ["plugin", "call", "outcome"]),
  };
}

export function loopObserver(metrics: IntentMetrics): LoopObserver {
  return {
    stepped: (step, tookMs) => metrics.stepSeconds.observe({ step }, tookMs / 1000),
    decided: ({ verdict, cutShort }) => {
      metrics.decisions.inc({ verdict });
      if (cutShort !== null) metrics.cutShort.inc({ by: cutShort });
    },
    executed: ({ verdict }) => metrics.executions.inc({ verdict }),
    effected: ({ verdict }) => metrics.effects.inc({ verdict }),
    unrecorded: () => metrics.unrecorded.inc(),
  };
}

export function pluginObserver({ plugins, pluginCalls }: IntentMetrics): PluginObserver {
  return {
    registered: (_, count) => plugins.set(count),
    dropped: (_, count) => plugins.set(count),
    refused: () => pluginCalls.inc({ plugin: "", call: "Register", outcome: "refused" }),
    called: (plugin, call) => pluginCalls.inc({ plugin, call, outcome: "done" }),
    failed: (plugin, call) => pluginCalls.inc({ plugin, call, outcome: "failed" }),
  };
}
