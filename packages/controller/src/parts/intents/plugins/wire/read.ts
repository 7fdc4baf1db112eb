import { createHash } from "node:crypto";

import { errorAt } from "@walras/kit";
import {
  type Action as ActionMessage,
  type Profile as ProfileMessage,
  ProfileType,
  type State as StateMessage,
} from "@walras/proto/plugins";

import { clip } from "../../../../base/bounds/clip.ts";
import type { HeardState, ToldState } from "../../decide/foreign/told.ts";
import type { Action, KpiType, PodState, Profile } from "../../decide/snapshot.ts";
import { pluginLimits as limits } from "../limits.ts";

/**
 * A state out of a message. An objective below zero is one that nobody knows:
 * the prototype writes −1 where there is no value.
 *
 * @param at where the message was, for complaints: states[0]
 * @throws FieldError naming the field and its value
 */
export function readState(message: StateMessage | undefined, at: string): HeardState {
  if (message === undefined) throw errorAt(at, undefined, "is missing");
  if (message.intent === undefined) throw errorAt(`${at}.intent`, undefined, "is missing");
  const objectives = numbers(message.intent.objectives, `${at}.intent.objectives`);
  const state: ToldState = {
    objectives: new Map([...objectives].filter(([, value]) => value >= 0)),
    pods: podsOf(message, `${at}.current_pods`),
    resources: wholes(message.resources, `${at}.resources`),
    annotations: texts(message.annotations, `${at}.annotations`),
    data: dataOf(message, `${at}.current_data`),
  };
  return { ...state, key: stateKeyOf(state) };
}

/** The same for states that are the same, in whatever order their parts are told. */
export function stateKeyOf({ objectives, pods, resources, annotations, data }: ToldState): string {
  const canonical = [
    sorted(objectives),
    pods.toSorted((one, other) => (one.name < other.name ? -1 : 1)),
    sorted(resources),
    sorted(annotations),
    sorted(data).map(([name, values]) => [name, sorted(values)]),
  ];
  return createHash("sha256").update(JSON.stringify(canonical)).digest("base64");
}

/** How much of memory a state takes, in entries. */
export function sizeOf({ objectives, pods, resources, annotations, data }: ToldState): number {
  const values = [...data.values()].reduce((sum, { size }) => sum + size, 0);
  return 1 + objectives.size + pods.length + resources.size + annotations.size + values;
}

/**
 * An action out of a message.
 *
 * @throws FieldError naming the field and its value
 */
export function readAction(message: ActionMessage | undefined, at: string): Action {
  const name = text(message?.name ?? "", `${at}.name`);
  if (name === "") throw errorAt(`${at}.name`, name, "is empty");
  const properties = message?.properties;
  if (properties === undefined) throw errorAt(`${at}.properties`, undefined, "is missing");
  const ints = numbers(properties.intProperties, `${at}.properties.int_properties`);
  const strings = texts(properties.strProperties, `${at}.properties.str_properties`);
  return { name, properties: Object.fromEntries<number | string>([...ints, ...strings]) };
}

const kpiTypes: Readonly<Record<ProfileType, KpiType | null>> = {
  [ProfileType.OBSOLETE]: null,
  [ProfileType.LATENCY]: "latency",
  [ProfileType.AVAILABILITY]: "availability",
  [ProfileType.THROUGHPUT]: "throughput",
  [ProfileType.POWER]: "power",
};

/**
 * Profiles out of a message; those that are obsolete are left out.
 *
 * @throws FieldError naming the field and its value
 */
export function readProfiles(messages: Readonly<Record<string, ProfileMessage>>): Map<string, Profile> {
  return new Map(
    bounded(messages, "profiles").flatMap(([key, { profileType, minimize }]) => {
      const type = kpiTypes[profileType];
      if (type === undefined) throw errorAt(`profiles[${clip(key)}].profile_type`, profileType, "is not known");
      return type === null ? [] : [[key, { type, minimize }] as const];
    }),
  );
}

function podsOf({ currentPods }: StateMessage, at: string): PodState[] {
  return bounded(currentPods, at, limits.podsPerState).map(([name, pod]) => {
    const { availability } = pod;
    if (!(availability >= 0 && availability <= 1))
      throw errorAt(`${at}[${clip(name)}].availability`, availability, "is not between 0 and 1");
    const node = text(pod.nodeName, `${at}[${clip(name)}].node_name`);
    return {
      name,
      availability,
      node: node === "" ? null : node,
      phase: text(pod.state, `${at}[${clip(name)}].state`),
      qosClass: text(pod.qosClass, `${at}[${clip(name)}].qos_class`),
    };
  });
}

function dataOf({ currentData }: StateMessage, at: string): Map<string, ReadonlyMap<string, number>> {
  return new Map(
    bounded(currentData, at).map(([name, { data }]) => [name, numbers(data, `${at}[${clip(name)}].data`)]),
  );
}

function wholes(values: Readonly<Record<string, number>>, at: string): Map<string, number> {
  const read = numbers(values, at);
  for (const [key, value] of read) if (value < 0) throw errorAt(`${at}[${clip(key)}]`, value, "is less than 0");
  return read;
}

function numbers(values: Readonly<Record<string, number>>, at: string): Map<string, number> {
  return new Map(
    bounded(values, at).map(([key, value]) => {
      if (!Number.isFinite(value)) throw errorAt(`${at}[${clip(key)}]`, value, "is not a number");
      return [key, value];
    }),
  );
}

function texts(values: Readonly<Record<string, string>>, at: string): Map<string, string> {
  return new Map(bounded(values, at).map(([key, value]) => [key, text(value, `${at}[${clip(key)}]`)]));
}

function text(value: string, at: string): string {
  if (value.length > limits.textChars) throw errorAt(at, clip(value), `has more than ${limits.textChars} characters`);
  return value;
}

function bounded<Value>(
  values: Readonly<Record<string, Value>>,
  at: string,
  most: number = limits.entriesPerMap,
): [string, Value][] {
  const entries = Object.entries(values);
  if (entries.length > most) throw errorAt(at, entries.length, `is more entries than ${most}`);
  for (const [key] of entries) text(key, at);
  return entries;
}

function sorted<Value>(values: ReadonlyMap<string, Value>): [string, Value][] {
  return [...values].toSorted(([one], [other]) => (one < other ? -1 : 1));
}
