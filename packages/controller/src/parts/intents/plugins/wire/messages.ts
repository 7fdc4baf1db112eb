import {
  type Action as ActionMessage,
  type Profile as ProfileMessage,
  ProfileType,
  PropertyType,
  type State as StateMessage,
} from "@walras/proto/plugins";

import type { ToldState } from "../../decide/foreign/told.ts";
import type { Action, IntentSnapshot, KpiType, Profile } from "../../decide/snapshot.ts";

/** Numbers of the protocol. */
const profileTypes: Readonly<Record<KpiType, ProfileType>> = {
  latency: ProfileType.LATENCY,
  availability: ProfileType.AVAILABILITY,
  throughput: ProfileType.THROUGHPUT,
  power: ProfileType.POWER,
};

export type IntentWords = Pick<IntentSnapshot, "name" | "priority" | "target">;

/** A state as the prototype's actuators read it. */
export function stateMessage(intent: IntentWords, told: ToldState): StateMessage {
  return {
    intent: intentMessage(intent, told.objectives),
    currentPods: Object.fromEntries(
      told.pods.map(({ name, availability, node, phase: state, qosClass }) => [
        name,
        { availability, nodeName: node ?? "", state, qosClass },
      ]),
    ),
    currentData: Object.fromEntries([...told.data].map(([name, data]) => [name, { data: Object.fromEntries(data) }])),
    resources: Object.fromEntries([...told.resources].map(([key, milli]) => [key, Math.round(milli)])),
    annotations: Object.fromEntries(told.annotations),
  };
}

/** What is wanted; the protocol carries no tolerances. */
export function goalMessage(intent: IntentWords & Pick<IntentSnapshot, "objectives">): StateMessage {
  const targets = new Map(intent.objectives.map(({ profile, target }) => [profile, target]));
  return {
    intent: intentMessage(intent, targets),
    currentPods: {},
    currentData: {},
    resources: {},
    annotations: {},
  };
}

/** The profiles of an intent's objectives. */
export function profileMessages(
  { objectives }: Pick<IntentSnapshot, "objectives">,
  profiles: ReadonlyMap<string, Profile>,
): Record<string, ProfileMessage> {
  const own = objectives.flatMap(({ profile: key }) => {
    const profile = profiles.get(key);
    return profile
      ? [[key, { key, profileType: profileTypes[profile.type], minimize: profile.minimize }] as const]
      : [];
  });
  return Object.fromEntries(own);
}

/** Properties are always there, since the prototype does not look whether they are. */
export function actionMessage({ name, properties }: Action): ActionMessage {
  const entries = Object.entries(properties);
  const ints = entries.filter((entry): entry is [string, number] => typeof entry[1] === "number");
  const texts = entries.filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return {
    name,
    properties: {
      type: texts.length > 0 ? PropertyType.STRING_PROPERTY : PropertyType.INT_PROPERTY,
      intProperties: Object.fromEntries(ints.map(([key, value]) => [key, Math.round(value)])),
      strProperties: Object.fromEntries(texts),
    },
  };
}

function intentMessage(
  { name, priority, target }: IntentWords,
  objectives: ReadonlyMap<string, number>,
): NonNullable<StateMessage["intent"]> {
  return {
    key: name,
    priority,
    targetKey: target.name,
    targetKind: target.kind,
    objectives: Object.fromEntries(objectives),
  };
}
