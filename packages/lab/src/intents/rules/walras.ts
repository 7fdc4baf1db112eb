import {
  type DecideConfig,
  decideIntents,
  IntentLoop,
  type LoopParts,
  type PlanEvent,
} from "@walras/controller/intents";
import { silentLogger } from "@walras/kit";

import type { Service } from "../service/service.ts";
import type { Telemetry } from "../service/telemetry.ts";
import { actorFor } from "./actor.ts";
import { intentName, measuredBy, profiles, seenIntent } from "./intent.ts";
import type { Rule } from "./rule.ts";

type Models = ReturnType<LoopParts["models"]["modelsFor"]>;

export interface WalrasOptions {
  readonly config: DecideConfig;
  readonly models: Models;
  /** What the intent asks for, milliseconds. */
  readonly targetMs: number;
  readonly onEvent?: (event: PlanEvent) => void;
}

/** The controller's loop as it is, with a simulated service in place of a cluster. */
export class Walras implements Rule {
  readonly everyMs: number;
  readonly #options: WalrasOptions;
  #loop: IntentLoop | null = null;

  constructor(options: WalrasOptions) {
    this.#options = options;
    this.everyMs = options.config.planner.controller.controller_timeout * 1000;
  }

  async step(service: Service, telemetry: Telemetry): Promise<void> {
    this.#loop ??= this.#loopFor(service, telemetry);
    await this.#loop.run(new AbortController().signal);
  }

  #loopFor(service: Service, telemetry: Telemetry): IntentLoop {
    const { controller, planner } = this.#options.config.planner;
    const times = { settleMs: controller.plan_cache_ttl, windowMs: planner.stability.stabilisation * 1000 };
    return new IntentLoop({ ...this.#sources(service, telemetry), ...bystanders(service) }, times);
  }

  #sources(
    service: Service,
    telemetry: Telemetry,
  ): Pick<LoopParts, "observer" | "meter" | "models" | "decide" | "knowledge"> {
    const { config, models, targetMs, onEvent } = this.#options;
    return {
      observer: {
        look: () => ({ intents: [seenIntent(service, targetMs)], bad: [], profiles, freeMilli: new Map() }),
      },
      meter: { measure: () => Promise.resolve(measuredBy(telemetry)) },
      models: { modelsFor: (intent) => (intent === intentName ? models : noModels) },
      // A plan that takes too long is none of what is compared: no clock.
      decide: (snapshot) => Promise.resolve(decideIntents(config, snapshot, () => 0)),
      knowledge: { record: (event) => Promise.resolve(onEvent?.(event)) },
    };
  }
}

const noModels: Models = {
  replicas: new Map(),
  cpu: new Map(),
  load: new Map(),
  cacheClass: new Map(),
  power: new Map(),
};

/** Time is the service's, and nobody else is there. */
function bystanders(service: Service): Omit<LoopParts, "observer" | "meter" | "models" | "decide" | "knowledge"> {
  return {
    actor: actorFor(service),
    janitor: { clean: () => Promise.resolve() },
    explainer: { begins: () => Promise.resolve(), tell: () => undefined },
    learner: { step: () => Promise.resolve() },
    records: { recall: () => undefined },
    gate: { mayAct: () => true },
    observed: {
      stepped: () => undefined,
      decided: () => undefined,
      executed: () => undefined,
      effected: () => undefined,
      unrecorded: () => undefined,
    },
    clock: {
      wallMs: () => service.nowMs,
      monotonicMs: () => service.nowMs,
      after: () => ({ cancel: () => undefined }),
    },
    logger: silentLogger,
  };
}
