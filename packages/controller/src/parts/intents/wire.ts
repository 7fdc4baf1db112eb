import { isDeepStrictEqual } from "node:util";

import type { Repeating } from "@walras/kit";

import { gatedWrites } from "../../base/access/gate.ts";
import type { Part, PartContext } from "../part.ts";
import type { PlanActor } from "./act/actor.ts";
import { fitActor } from "./act/fit.ts";
import { Janitor, markedPods } from "./act/janitor.ts";
import { marketOf, sizedPods } from "./act/market.ts";
import { IntentAnnouncer } from "./explain/announcer.ts";
import { intentConflicts, intentsOf } from "./explain/dashboard.ts";
import { IntentExplainer } from "./explain/explainer.ts";
import { StatusWriter } from "./explain/statusWriter.ts";
import { recallFrom, toldIntents } from "./explain/stores.ts";
import { intentVerdicts } from "./explain/verdicts.ts";
import type { IntentFlags } from "./flags.ts";
import { Hurry } from "./hurry.ts";
import { IntentLoop } from "./loop/loop.ts";
import { intentMetrics, loopObserver } from "./metrics.ts";
import type { Memory, Needs, Outside, World } from "./needs.ts";
import { followForIntents } from "./observe/stores.ts";
import { readIntentConfig } from "./readConfig.ts";
import { wireKnowledge } from "./wireKnowledge.ts";
import { wirePlanner, type WiredPlanner } from "./wirePlugins.ts";
import { wireServe } from "./wireServe.ts";
import { wireWorld } from "./wireWorld.ts";

/** Brings workloads to their KPI targets. */
export function wireIntents(
  flags: IntentFlags,
  { around, base }: Pick<PartContext, "around" | "base">,
  { world, memory }: Outside = { world: wireWorld, memory: wireKnowledge },
): Part {
  const config = readIntentConfig(flags);
  for (const warning of config.warnings) around.logger.warn(warning);
  const scope = base.cluster.scope();
  const stores = followForIntents(scope);
  const metrics = intentMetrics(base.make);
  const needs: Needs = { around, base, flags, config, scope, stores, gate: base.gate(scope), metrics };
  const { gate } = needs;
  const planning = wirePlanner({ ...needs, plans: () => gate.mayAct() });
  const remembering = memory(needs);
  const explainer = wireExplainer(needs, world(needs));
  const parts = { ...explainer, ...wireActor(needs, { ...explainer, planning }), planning, remembering };
  // Of one workload one planner decides: a foreign one does in place of ours.
  const running = flags.intentsServe.length > 0 ? wireServe(needs, parts) : wireLoop(needs, parts);
  return {
    runnables: [...remembering.runnables, ...planning.runnables, running],
    views: { "/intents": { read: () => explainer.explainer.view(), namesPods: true } },
    dashboard: {
      intents: () => intentsOf(explainer.explainer.view()),
      conflicts: () => intentConflicts(explainer.explainer.view()),
    },
    notReady: () => scope.troubles(),
  };
}

interface Explaining {
  readonly explainer: IntentExplainer;
  readonly world: World;
  readonly recall: ConstructorParameters<typeof IntentLoop>[0]["records"]["recall"];
}

function wireExplainer({ base, scope, gate }: Needs, world: World): Explaining {
  const statuses = scope.follow(toldIntents);
  const { profiles } = world;
  const explainer = new IntentExplainer({
    statuses,
    writer: new StatusWriter(base.transport, gatedWrites(base.writes, gate)),
    announcer: new IntentAnnouncer(base.teller("intents", "Planning", intentVerdicts)),
    untoldProfiles: () => profiles.all().filter(({ isTold }) => !isTold),
  });
  return { explainer, world, recall: (seen) => recallFrom(statuses, seen) };
}

function wireLoop(
  needs: Needs,
  parts: Explaining & Acting & { readonly planning: WiredPlanner; readonly remembering: Memory },
): Repeating {
  const { around, base, config, stores, gate, metrics } = needs;
  const { controller, planner } = config.planner;
  const { explainer, world, recall, planning, remembering, actor, janitor } = parts;
  const loop = new IntentLoop(
    {
      ...around,
      observer: world.observer,
      meter: world.meter,
      models: remembering.models,
      learner: remembering.learner,
      knowledge: remembering.knowledge,
      decide: planning.planner.decide,
      actor,
      janitor,
      explainer,
      records: { recall },
      gate,
      observed: loopObserver(metrics),
    },
    { settleMs: controller.plan_cache_ttl, windowMs: planner.stability.stabilisation * 1000 },
  );
  const repeating = base.repeating("intents", controller.controller_timeout * 1000, (signal) => loop.run(signal));
  const hurry = new Hurry(around.clock, () => void repeating.now());
  base.leadership.whenLeading(() => hurry.begin());
  hurry.follow(stores.intents, (one, before) => one.generation !== before.generation);
  hurry.follow(stores.profiles, (one, before) => !isDeepStrictEqual(one.read, before.read));
  return repeating;
}

interface Acting {
  readonly actor: PlanActor;
  readonly janitor: Janitor;
}

function wireActor(
  { around, base, config, scope, gate }: Needs,
  { world, planning }: Pick<Explaining, "world"> & { readonly planning: WiredPlanner },
): Acting {
  const { actor, marker } = fitActor({
    ...around,
    transport: base.transport,
    writes: gatedWrites(base.writes, gate),
    gate,
    actuators: config.actuators,
    coolDownMs: config.planner.controller.plan_cache_ttl,
    market: marketOf(scope.followIfServed(sizedPods)),
    foreign: planning.planner,
    again: world.targetOf,
  });
  return { actor, janitor: new Janitor(scope.follow(markedPods), marker, around.logger) };
}
