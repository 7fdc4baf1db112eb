import { type Clock, errorAt } from "@walras/kit";
import type { NextStateRequest, NextStateResponse, State as StateMessage } from "@walras/proto/plugins";

import { actuatorsOf } from "../../decide/actuators/all.ts";
import type { Actuator, Ask, Proposal } from "../../decide/actuators/ask.ts";
import { measuredAims } from "../../decide/aims.ts";
import { prototypeUtility } from "../../decide/costs.ts";
import type { DecideConfig } from "../../decide/decide.ts";
import { type Candidate, forecastFor } from "../../decide/forecast.ts";
import type { HeardState, ToldState } from "../../decide/foreign/told.ts";
import { isPlanned, toldOf } from "../../decide/foreign/words.ts";
import { roomOf } from "../../decide/limits.ts";
import type { IntentSnapshot, Profile } from "../../decide/snapshot.ts";
import { stateOf } from "../../decide/state.ts";
import { workloadOf } from "../../decide/workload.ts";
import type { ModelSource } from "../../loop/ports.ts";
import { pluginLimits as limits } from "../limits.ts";
import { actionMessage, stateMessage } from "../wire/messages.ts";
import { readProfiles, readState, stateKeyOf } from "../wire/read.ts";
import { Memory } from "./memory.ts";

export interface ProposerOptions {
  readonly config: DecideConfig;
  readonly models: ModelSource;
  readonly clock: Clock;
}

interface Place {
  readonly at: Candidate;
  readonly ask: Ask;
}

/** The host metric by which a state that we have told of is known from one that is. */
const marker = "walras";

/**
 * What our actuators propose to a foreign planner. A planner comes back with
 * the states that it was told of; what was told is remembered, so that a way
 * of several steps is seen as one from where the workload is. Any other state
 * is taken for where the workload is.
 */
export class Proposer {
  readonly #options: ProposerOptions;
  readonly #places: Memory<Place>;
  readonly #actuators: ReadonlyMap<string, Actuator>;

  constructor(options: ProposerOptions) {
    this.#options = options;
    this.#places = new Memory(limits.statesRemembered, limits.stateRememberedMs, options.clock);
    this.#actuators = new Map(actuatorsOf(options.config.actuators).map((one) => [one.name, one]));
  }

  /** Those that are configured. */
  get names(): readonly string[] {
    return [...this.#actuators.keys()];
  }

  /**
   * What is not known is not proposed from: the answer is empty.
   *
   * @throws FieldError naming what cannot be read in the request
   */
  propose(name: string, request: NextStateRequest): NextStateResponse {
    const { told, intent, profiles, scope } = this.#read(request);
    const place = this.#places.get(`${scope} ${told.key}`) ?? this.#origin(told, intent, profiles);
    const proposals = place === null ? [] : (this.#actuators.get(name)?.propose(place.at, place.ask).proposals ?? []);
    if (place === null || proposals.length === 0) return { states: [], utilities: [], actions: [] };
    const taken = proposals.slice(0, place.ask.mostCandidates);
    const utilityOf = prototypeUtility(place.ask.workload, this.#options.config.actuators);
    return {
      states: taken.map((proposal) => stateMessage(intent, this.#tell(proposal, place, scope))),
      utilities: taken.map((proposal) => utilityOf(place.at, proposal)),
      actions: taken.map(({ action }) => actionMessage(action)),
    };
  }

  #read(request: NextStateRequest): {
    readonly told: HeardState;
    readonly intent: IntentSnapshot;
    readonly profiles: ReadonlyMap<string, Profile>;
    /** The same for the same intent with the same goal. */
    readonly scope: string;
  } {
    const told = readState(request.state, "state");
    const goal = readState(request.goal, "goal");
    const intent = this.#intentOf(request.state?.intent, told, goal);
    return { told, intent, profiles: readProfiles(request.profiles), scope: `${intent.name} ${goal.key}` };
  }

  #intentOf(message: StateMessage["intent"], told: ToldState, goal: ToldState): IntentSnapshot {
    const { key = "", priority = 0, targetKey = "", targetKind = "" } = message ?? {};
    if (!(priority > 0 && priority <= 1))
      throw errorAt("state.intent.priority", priority, "is not above 0 and at most 1");
    return {
      name: key,
      target: { kind: targetKind, name: targetKey },
      priority,
      active: true,
      objectives: [...goal.objectives]
        .toSorted(([one], [other]) => (one < other ? -1 : 1))
        .map(([profile, target]) => ({ profile, target, tolerance: 0 })),
      measured: new Map([...told.objectives].map(([profile, value]) => [profile, { kind: "value", value }])),
      pods: told.pods.filter((pod) => !isPlanned(pod)),
      resources: told.resources,
      annotations: told.annotations,
      data: told.data,
      models: this.#options.models.modelsFor(key, this.#options.clock.wallMs()),
      history: null,
    };
  }

  /** Where the workload is. Pods that another actuator has planned are added to it, with what that one says of them. */
  #origin(told: HeardState, intent: IntentSnapshot, profiles: ReadonlyMap<string, Profile>): Place | null {
    const { config } = this.#options;
    const measured = measuredAims(intent, profiles);
    if (!measured.known) return null;
    const workload = workloadOf(intent, measured.values, config);
    const { hysteresis } = config.planner.planner.stability;
    const forecast = forecastFor({ workload, manner: config.manner, hysteresis });
    const added = told.pods.filter(isPlanned).length;
    const shape = { ...stateOf(workload), added };
    const heard = added === 0 ? null : { state: told, shape, values: [...measured.values.values()] };
    const at = forecast.of({ ...shape, heard });
    if (at === null) return null;
    const { max_candidates: mostCandidates } = config.planner.planner.astar;
    const free = { holdsGrowth: null, holdsShrinking: null, leastPods: 0, leastCpuMilli: 0 };
    const room = { ...free, ...roomOf(workload, new Map()) };
    return { at, ask: { workload, ...config, limits: room, forecast, hysteresis, mostCandidates, foreign: undefined } };
  }

  #tell({ to }: Proposal, { ask }: Place, scope: string): ToldState {
    const told = toldOf(to, ask);
    const { guess, asked } = to.state;
    const turns = new Map([["guess", guess], ...asked.map((name) => [name, 1] as const)]);
    const marked = { ...told, data: new Map([...told.data, [marker, turns]]) };
    this.#places.set(`${scope} ${stateKeyOf(marked)}`, { at: to, ask });
    return marked;
  }
}
