import type { ActuatorsConfig } from "../config/actuators.ts";
import { cpuOf, resourcesOf } from "../models/resources.ts";
import type { Aim } from "./objectives.ts";
import type { IntentSnapshot, PodState } from "./snapshot.ts";

/** What is to come for a workload, where its own past tells. */
export interface Outlook {
  /** The load until the next plan can change CPU. */
  readonly soon: number;
  /** The load when replicas that are added now serve. */
  readonly later: number;
  /** By latency: as many times the CPU of a request as when its model was learnt, with a margin. */
  readonly work: ReadonlyMap<string, number>;
  /** CPU of a container that may be given at once when it is needed. */
  readonly mostCpuMilli: number;
}

/** Whose rules a plan is made by: ours, or those that the prototype's recorded plans were made by. */
export type Manner = "own" | "prototype";

/** One intent's workload as it is, in the form that forecasts are made from. */
export interface Workload {
  readonly intent: IntentSnapshot;
  readonly aims: readonly Aim[];
  /** What was measured, one for each aim. */
  readonly measured: readonly number[];
  /** By name: those that serve or are about to. */
  readonly pods: readonly PodState[];
  /** Places of the pods, those first that are missed least. */
  readonly victims: readonly number[];
  /** Of the last container of a pod, which is the one that is resized; 0: none is declared. */
  readonly cpuMilli: number;
  /** Requests of all containers of a pod. */
  readonly podMilli: number;
  readonly cacheClass: string;
  readonly powerProfile: string;
  /** What the intent's throughput is; null: it has no such objective. */
  readonly load: number | null;
  /** null: it is planned for what is measured now. */
  readonly outlook: Outlook | null;
}

/** Where no class and no profile is set. */
export const none = "None";

/** The workload of an intent of which everything is measured. */
export function workloadOf(
  intent: IntentSnapshot,
  measured: ReadonlyMap<Aim, number>,
  { actuators, manner }: { readonly actuators: ActuatorsConfig; readonly manner: Manner },
): Workload {
  const aims = [...measured.keys()];
  const throughput = aims.find(({ type }) => type === "throughput");
  const counted = manner === "prototype" ? intent.pods : intent.pods.filter(isServing);
  const pods = counted.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return {
    intent,
    aims,
    measured: [...measured.values()],
    pods,
    victims: victimsAmong(pods),
    ...cpuOf(intent.resources),
    cacheClass: cacheClassOf(intent, actuators),
    powerProfile: powerProfileOf(intent, actuators),
    load: throughput === undefined ? null : (measured.get(throughput) ?? null),
    outlook: null,
  };
}

/** The least available is missed least; of equal ones the first by name. */
function victimsAmong(pods: readonly PodState[]): number[] {
  const availability = (place: number): number => pods[place]?.availability ?? 0;
  return [...pods.keys()].toSorted((one, other) => availability(one) - availability(other));
}

/** What is ending or has ended serves nobody; what is starting soon will. */
export function isServing({ phase }: PodState): boolean {
  return phase === "Running" || phase === "Pending";
}

export function cacheClassOf(
  { annotations }: Pick<IntentSnapshot, "annotations">,
  { configureRDT }: ActuatorsConfig,
): string {
  return annotations.get(configureRDT?.annotation_name ?? "") ?? none;
}

export function powerProfileOf(
  { resources }: Pick<IntentSnapshot, "resources">,
  { setPowerProfile }: ActuatorsConfig,
): string {
  const options = setPowerProfile?.options ?? [];
  return resourcesOf(resources).find(({ name }) => options.includes(name))?.name ?? none;
}

/** The pods together: 1 − Π(1 − A), and 1 for none at all, as the prototype has it. */
export function availabilityOf(availabilities: readonly number[]): number {
  return (
    1 - availabilities.reduce((down, availability) => down * (1 - availability), availabilities.length > 0 ? 1 : 0)
  );
}
