import { learnCpu, learnLoad, type Learnt, learnReplicas, loadGroup, observationOf } from "@walras/controller/intents";

import { type Event, noAnswer, profileOf, readEvents } from "./events.ts";

/** What was learnt of one KPI of one intent, as a document of `effects`; or why it was not. */
export interface Lesson {
  readonly name: string;
  readonly group: string;
  readonly profileName: string;
  readonly learnt: Learnt | string;
}

/** The newest so many events are learnt from, as in the prototype. */
const mostEvents = 500;

/**
 * Fits the models of latency to a recording.
 *
 * @param folder with events.json
 * @throws FieldError naming file, field and value
 */
export function learnFrom(folder: string): Lesson[] {
  const byIntent = Map.groupBy(readEvents(folder), ({ name }) => name);
  return [...byIntent].flatMap(([name, events]) => lessonsOf(name, events.slice(-mostEvents)));
}

function lessonsOf(name: string, events: readonly Event[]): Lesson[] {
  const profiles = new Set(events.flatMap(({ current_objectives: current }) => Object.keys(current)));
  const latencies = [...profiles].filter((profile) => profileOf(profile).type === "latency");
  return latencies.flatMap((profileName) => {
    const seen = events.flatMap(({ current_objectives: current, pods, resources }) => {
      const load = loadOf(current);
      return observationOf({ current, pods, resources }, { latency: profileName, load }) ?? [];
    });
    return [
      { name, group: "scaling", profileName, learnt: learnReplicas(seen) },
      { name, group: "vertical_scaling", profileName, learnt: learnCpu(seen) },
      { name, group: loadGroup, profileName, learnt: learnLoad(seen) },
    ];
  });
}

function loadOf(current: Event["current_objectives"]): string | undefined {
  return Object.keys(current).find((name) => profileOf(name).type === "throughput" && current[name] !== noAnswer);
}

/** Documents of `effects`, of what could be learnt. */
export function effectsOf(lessons: readonly Lesson[]): readonly object[] {
  return lessons.flatMap(({ learnt, ...named }) =>
    typeof learnt === "string" ? [] : [{ ...named, static: false, data: learnt.data }],
  );
}

/** A line for each model. */
export function printLessons(lessons: readonly Lesson[]): string {
  return lessons
    .map(({ name, group, profileName, learnt }) => `${name}  ${profileName}  ${group}: ${told(learnt)}\n`)
    .join("");
}

function told(learnt: Learnt | string): string {
  if (typeof learnt === "string") return `not learnt, ${learnt}`;
  const deviation = Number(learnt.data["deviation"]).toPrecision(3);
  return `${learnt.points} rows, ${learnt.outliers} outliers left out, ± ${deviation}`;
}
