import { silentLogger, VirtualClock } from "@walras/kit";

import type { IntentDecision } from "../decide/decision.ts";
import type { Action, Measurement, PlanningSnapshot, Profile } from "../decide/snapshot.ts";
import { modelsOf } from "../models/effects.ts";
import type { Execution } from "./execution.ts";
import type { Recalled } from "./histories.ts";
import { IntentLoop } from "./loop.ts";
import type { BadIntent, Decide, PlanEvent, SeenIntent } from "./ports.ts";
import type { LoopParts, TellableRound } from "./steps.ts";

export const p99 = "shop/p99";

/** An intent of a workload with two pods. */
export function seenIntent(name = "shop/web", active = true): SeenIntent {
  const [namespace = "", own = ""] = name.split("/");
  const ref = { apiVersion: "ido.intel.com/v1alpha1", kind: "Intent", namespace, name: own, uid: `uid-${own}` };
  const pods = ["a", "b"].map((pod) => ({ name: pod, uid: `uid-${pod}` }));
  return {
    ref,
    generation: 3,
    intent: {
      name,
      target: { kind: "Deployment", name },
      priority: 1,
      active,
      objectives: [{ name: "fast", profile: p99, target: 100, tolerance: 0.1 }],
      pods: pods.map((pod) => ({
        name: pod.name,
        availability: 1,
        node: "n",
        phase: "Running",
        qosClass: "Burstable",
      })),
      resources: new Map([["0_cpu_limits", 1000]]),
      annotations: new Map(),
      data: new Map([["cpu_value", new Map([["n", 20]])]]),
    },
    target: {
      ref: { apiVersion: "apps/v1", kind: "Deployment", namespace, name: own, uid: `uid-target-${own}` },
      generation: 1,
      replicas: 2,
      pods,
      rivals: [],
    },
  };
}

/** A decision as the planner would make it, with a plan or without. */
export function decisionFor(name: string, over: Partial<IntentDecision> = {}): IntentDecision {
  const plan = over.plan ?? [];
  return {
    intent: name,
    target: name,
    verdict: plan.length > 0 ? "Planned" : "Fulfilled",
    reason: plan.length > 0 ? "to bring it down" : "every objective is met",
    plan,
    cost: plan.length,
    rejected: [],
    objectives: [{ profile: p99, target: 100, value: 80, expected: 80, met: true }],
    execute: plan.length > 0,
    foreseen: false,
    wish: null,
    moment: null,
    states: 1,
    cutShort: null,
    ...over,
  };
}

/** A loop among fakes. */
export class LoopRig {
  readonly clock = new VirtualClock(1_000_000);
  intents: SeenIntent[] = [seenIntent()];
  bad: BadIntent[] = [];
  profiles = new Map<string, Profile>([[p99, { type: "latency", minimize: true }]]);
  measured: Measurement = { kind: "value", value: 80 };
  leads = true;
  measures: LoopParts["meter"]["measure"] = () =>
    Promise.resolve(new Map(this.intents.map(({ intent }) => [intent.name, new Map([[p99, this.measured]])])));
  decide: Decide = () => Promise.resolve([]);
  execution: Execution = { verdict: "Done", message: "" };
  obstacle: Execution | null = null;
  reverted: Execution | null = { verdict: "RolledBack", message: "taken back" };
  recalled: Recalled | undefined;
  records: (event: PlanEvent) => Promise<void> = (event) => {
    this.events.push(event);
    return Promise.resolve();
  };
  begins: () => Promise<void> = () => Promise.resolve();
  readonly snapshots: PlanningSnapshot[] = [];
  readonly executed: { readonly intent: string; readonly plan: readonly Action[] }[] = [];
  readonly reverts: string[] = [];
  readonly events: PlanEvent[] = [];
  readonly rounds: TellableRound[] = [];
  readonly steps: string[] = [];
  readonly learnt: string[] = [];
  readonly #loop = new IntentLoop(this.#parts(), { settleMs: 45_000, windowMs: 120_000 });

  async round(seconds = 45): Promise<TellableRound | undefined> {
    await this.#loop.run(new AbortController().signal);
    await this.clock.advance(seconds * 1000);
    return this.rounds.at(-1);
  }

  /** What the planner was given for the first intent. */
  get lastIntent(): PlanningSnapshot["intents"][number] | undefined {
    return this.snapshots.at(-1)?.intents[0];
  }

  #parts(): LoopParts {
    return {
      ...this.#sources(),
      ...this.#hands(),
      explainer: { begins: () => this.begins(), tell: (round) => void this.rounds.push(round) },
      records: { recall: () => this.recalled },
      gate: { mayAct: () => this.leads },
      observed: {
        stepped: (step) => void this.steps.push(step),
        decided: () => undefined,
        executed: () => undefined,
        effected: () => undefined,
        unrecorded: () => undefined,
      },
      clock: this.clock,
      logger: silentLogger,
    };
  }

  #sources(): Pick<LoopParts, "observer" | "meter" | "models" | "knowledge" | "decide" | "learner"> {
    return {
      observer: {
        look: () => ({ intents: this.intents, bad: this.bad, profiles: this.profiles, freeMilli: new Map() }),
      },
      meter: { measure: (intents, signal) => this.measures(intents, signal) },
      models: { modelsFor: (intent) => modelsOf([], { intent, since: null, file: "test" }) },
      knowledge: { record: (event) => this.records(event) },
      decide: (snapshot, signal) => {
        this.snapshots.push(snapshot);
        return this.decide(snapshot, signal);
      },
      learner: {
        step: ({ intents }) => {
          this.learnt.push(...intents.map(({ intent }) => intent.name));
          return Promise.resolve();
        },
      },
    };
  }

  #hands(): Pick<LoopParts, "actor" | "janitor"> {
    return {
      actor: {
        obstacleTo: () => this.obstacle,
        execute: ({ intent }, plan) => {
          this.executed.push({ intent: intent.name, plan });
          return Promise.resolve(this.execution);
        },
        revert: (intent) => {
          this.reverts.push(intent);
          return Promise.resolve(this.reverted);
        },
        keepOnly: () => undefined,
      },
      janitor: { clean: () => Promise.resolve() },
    };
  }
}
