import { type Clock, describeError, type Logger, Once } from "@walras/kit";

import type { Profile } from "../decide/snapshot.ts";
import type { KnowledgeBase, PlanEvent, SeenIntent, Sight } from "../loop/ports.ts";
import type { Effect } from "../models/effects.ts";
import type { Observation } from "../models/learn.ts";
import { observationOf } from "../models/observation.ts";
import type { ModelCache } from "./cache.ts";
import { verdictOn } from "./drift.ts";
import { type Subject, subjects } from "./subjects.ts";

export interface LearnerOptions {
  readonly base: KnowledgeBase;
  readonly cache: ModelCache;
  /** A model that is neither static nor this young is not believed. */
  readonly lookBackMinutes: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A model was learnt, or an old one holds and was written anew. */
  readonly onLearnt: (kind: "learnt" | "confirmed") => void;
}

/** The newest so many events are learnt from, as in the prototype. */
const mostEvents = 500;
/** Intents whose events are looked at in one step, at least, and the steps in which each is looked at. */
const fewIntents = 20;
const stepsOfAll = 10;
/** Fits of one step: each holds up everything else for some tens of milliseconds. */
const mostFits = 4;

/** One KPI of an intent with what was seen of it. */
interface Topic {
  readonly intent: string;
  readonly profile: string;
  readonly load: string;
  readonly subject: Subject;
  readonly events: readonly PlanEvent[];
}

/** Learns from what was recorded, a few intents at a time, where there is something new to learn. */
export class Learner {
  readonly #options: LearnerOptions;
  readonly #said = new Once();
  /** The intent that was looked at last. */
  #last = "";
  #fits = 0;

  constructor(options: LearnerOptions) {
    this.#options = options;
  }

  /** What fails is told, and tried again in a later step; nothing is thrown. */
  async step({ intents, profiles }: Pick<Sight, "intents" | "profiles">, signal: AbortSignal): Promise<void> {
    const { cache } = this.#options;
    cache.keepOnly(new Set(intents.map(({ intent }) => intent.name)));
    this.#fits = 0;
    for (const { intent } of intents) if (!cache.has(intent.name) && !signal.aborted) await this.#load(intent.name);
    for (const { intent } of this.#next(intents)) {
      if (signal.aborted || this.#fits >= mostFits) return;
      this.#last = intent.name;
      await this.#guarded(intent.name, () => this.#learn(intent, profiles));
    }
  }

  /** In turn, so that each is looked at however many there are. */
  #next(intents: readonly SeenIntent[]): SeenIntent[] {
    const sorted = intents.toSorted((one, other) => (one.intent.name < other.intent.name ? -1 : 1));
    const most = Math.max(fewIntents, Math.ceil(sorted.length / stepsOfAll));
    const from = sorted.findIndex(({ intent }) => intent.name > this.#last);
    return from < 0 ? sorted.slice(0, most) : [...sorted.slice(from), ...sorted.slice(0, from)].slice(0, most);
  }

  /** Also of what others have learnt meanwhile. */
  #load(intent: string): Promise<void> {
    return this.#guarded(intent, async () => this.#options.cache.put(intent, await this.#options.base.effects(intent)));
  }

  async #learn(intent: SeenIntent["intent"], profiles: ReadonlyMap<string, Profile>): Promise<void> {
    const ofType = (type: Profile["type"]): string[] =>
      intent.objectives.flatMap(({ profile }) => (profiles.get(profile)?.type === type ? [profile] : []));
    const latencies = new Set(ofType("latency"));
    const [load = ""] = ofType("throughput");
    await this.#load(intent.name);
    const events = await this.#options.base.events(intent.name, mostEvents);
    for (const profile of latencies)
      for (const subject of subjects) await this.#learnTopic({ intent: intent.name, profile, load, subject, events });
  }

  async #learnTopic(topic: Topic): Promise<void> {
    const { cache, clock, lookBackMinutes } = this.#options;
    const { intent, profile, subject } = topic;
    const nowMs = clock.wallMs();
    const newest = cache.newest(intent, subject.group, profile);
    // Somebody's word is not argued with.
    if (newest?.static === true) return;
    // One that is too old to be believed predicts nothing, and so has drifted as soon as there is anything new.
    const verdict = newest === undefined ? "drifted" : this.#verdictOn(topic, newest, nowMs);
    if (newest === undefined || verdict === "drifted") return this.#fit(topic, nowMs);
    // What holds is said again before it is too old.
    if (verdict === "holds" && nowMs - (newest.timestamp ?? 0) > lookBackMinutes * 30_000)
      await this.#write({ ...newest, timestamp: nowMs }, "confirmed");
  }

  #verdictOn(topic: Topic, newest: Effect, nowMs: number): ReturnType<typeof verdictOn> {
    const { intent, profile, subject, events } = topic;
    const fresh = events.filter(({ timestampMs }) => timestampMs > (newest.timestamp ?? 0));
    const models = this.#options.cache.modelsFor(intent, nowMs);
    const deviation = Number(newest.data["deviation"] ?? 0);
    return verdictOn(rowsOf(topic, fresh), { subject, models, profile, deviation });
  }

  async #fit(topic: Topic, nowMs: number): Promise<void> {
    const { intent, profile, load, subject, events } = topic;
    if (this.#fits >= mostFits) return;
    const rows = rowsOf(topic, events).filter((row) => subject.concerns(row));
    const learnt = subject.fit(rows);
    if (typeof learnt === "string") return;
    this.#fits += 1;
    const data = { ...learnt.data, ...subject.beside(learnt.data, load), targetFeature: profile };
    const named = { name: intent, group: subject.group, profileName: profile, static: false };
    await this.#write({ ...named, timestamp: nowMs, data }, "learnt");
  }

  async #write(effect: Effect, kind: "learnt" | "confirmed"): Promise<void> {
    const { base, cache, onLearnt } = this.#options;
    await base.learn(effect);
    cache.put(effect.name, await base.effects(effect.name));
    onLearnt(kind);
  }

  async #guarded(intent: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#said.isNews(intent, undefined);
    } catch (error) {
      const problem = describeError(error);
      if (this.#said.isNews(intent, problem))
        this.#options.logger.warn({ intent, problem }, "nothing can be learnt of an intent");
    }
  }
}

function rowsOf({ profile, load }: Topic, events: readonly PlanEvent[]): Observation[] {
  return events.flatMap(({ currentObjectives: current, pods, resources }) => {
    const profiles = { latency: profile, load: load === "" ? undefined : load };
    return observationOf({ current, pods, resources }, profiles) ?? [];
  });
}
