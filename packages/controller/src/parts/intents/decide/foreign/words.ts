import type { ActuatorsConfig } from "../../config/actuators.ts";
import { cpuOf } from "../../models/resources.ts";
import type { Candidate } from "../forecast.ts";
import type { IntentSnapshot, PodState } from "../snapshot.ts";
import { replicasOf, type Shape, stateOf } from "../state.ts";
import { cacheClassOf, none, powerProfileOf, type Workload } from "../workload.ts";
import type { ToldState } from "./told.ts";

/** How the names of pods begin that are planned and not there yet, as the prototype has them. */
const plannedPodPrefix = "dummy@";

/** The prototype's proactive steps have names of their own. */
const proactivePods: ReadonlySet<string> = new Set(["proactiveTemp"]);

/** Whether a pod is only planned. */
export function isPlanned({ name }: Pick<PodState, "name">): boolean {
  return name.startsWith(plannedPodPrefix) || proactivePods.has(name);
}

/** What there is besides states: what they are states of, and what options are called. */
export interface Words {
  readonly workload: Workload;
  readonly actuators: ActuatorsConfig;
}

/** An intent as it is, with what was measured of it. */
export function toldNow(
  { pods, resources, annotations, data }: Pick<IntentSnapshot, "pods" | "resources" | "annotations" | "data">,
  objectives: ReadonlyMap<string, number>,
): ToldState {
  return { objectives, pods, resources, annotations, data };
}

/** What a state comes to, in a foreign actuator's words. */
export function toldOf(
  { state, values }: Pick<Candidate, "state" | "values">,
  { workload, actuators }: Words,
): ToldState {
  const objectives = new Map(workload.aims.map(({ profile }, index) => [profile, values[index] ?? NaN]));
  const base = state.heard?.state ?? { ...toldNow(workload.intent, objectives), pods: workload.pods };
  const from = state.heard?.shape ?? stateOf(workload);
  return {
    objectives,
    pods: podsOf(base.pods, state, workload),
    resources: withPower(withCpu(base.resources, from, state), { from, to: state, actuators }),
    annotations: withClass(base.annotations, { from, to: state, actuators }),
    data: base.data,
  };
}

/** What our own models know of a foreign actuator's state; no turn is taken by it. */
export function shapeOf(told: ToldState, { workload, actuators }: Words): Omit<Shape, "guess" | "asked"> {
  const names = new Set(told.pods.map(({ name }) => name));
  const removed = [...workload.pods.keys()].filter((place) => !names.has(workload.pods[place]?.name ?? ""));
  return {
    added: told.pods.length - (workload.pods.length - removed.length),
    removed,
    cpuMilli: cpuOf(told.resources).cpuMilli,
    cacheClass: cacheClassOf(told, actuators),
    powerProfile: powerProfileOf(told, actuators),
  };
}

function podsOf(base: readonly PodState[], state: Shape, workload: Workload): readonly PodState[] {
  const gone = new Set(state.removed.map((place) => workload.pods[place]?.name));
  const kept = base.filter(({ name }) => !gone.has(name));
  const missing = replicasOf(state, workload) - kept.length;
  if (missing <= 0) return kept;
  const taken = new Set(kept.map(({ name }) => name));
  return [...kept, ...freshNames(taken, missing).map((name) => plannedPod(name, kept))];
}

/** Numbered from the number of pods on, as the prototype's. */
function freshNames(taken: ReadonlySet<string>, count: number): string[] {
  const names: string[] = [];
  for (let number = taken.size; names.length < count; number += 1) {
    const name = `${plannedPodPrefix}${number}`;
    if (!taken.has(name)) names.push(name);
  }
  return names;
}

/** As available as the others are on the average. */
function plannedPod(name: string, others: readonly PodState[]): PodState {
  const availability = others.reduce((sum, pod) => sum + pod.availability, 0) / Math.max(1, others.length);
  return { name, availability, node: null, phase: "Running", qosClass: others[0]?.qosClass ?? "" };
}

type Resources = ReadonlyMap<string, number>;

function withCpu(resources: Resources, from: Shape, to: Shape): Resources {
  if (from.cpuMilli === to.cpuMilli) return resources;
  const last = Math.max(0, ...[...resources.keys()].filter(isCpu).map((key) => Number.parseInt(key, 10)));
  const keys = ["requests", "limits"].map((kind) => `${last}_cpu_${kind}`);
  const declared = keys.filter((key) => resources.has(key));
  const written = declared.length > 0 ? declared : keys;
  return new Map([...resources, ...written.map((key) => [key, to.cpuMilli] as const)]);
}

function isCpu(key: string): boolean {
  return /^\d+_cpu_(requests|limits)$/.test(key);
}

interface Change {
  readonly from: Shape;
  readonly to: Shape;
  readonly actuators: ActuatorsConfig;
}

/** A profile is a resource of each container that has CPU, as much as its CPU. */
function withPower(resources: Resources, { from, to }: Change): Resources {
  if (from.powerProfile === to.powerProfile) return resources;
  const kept = [...resources].filter(([key]) => !key.includes(`_${from.powerProfile}_`));
  if (to.powerProfile === none) return new Map(kept);
  const cpu = kept.filter(([key]) => isCpu(key));
  return new Map([
    ...kept,
    ...cpu.map(([key, milli]) => [key.replace("_cpu_", `_${to.powerProfile}_`), milli] as const),
  ]);
}

function withClass(
  annotations: ReadonlyMap<string, string>,
  { from, to, actuators }: Change,
): ReadonlyMap<string, string> {
  const { annotation_name: annotation } = actuators.configureRDT ?? {};
  if (annotation === undefined || from.cacheClass === to.cacheClass) return annotations;
  const others = [...annotations].filter(([name]) => name !== annotation);
  return new Map(to.cacheClass === none ? others : [...others, [annotation, to.cacheClass]]);
}
