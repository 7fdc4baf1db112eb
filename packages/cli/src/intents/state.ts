import {
  type Effect,
  type IntentSnapshot,
  kpiTypes,
  type Measurement,
  modelsOf,
  type PlanningSnapshot,
  readEffects,
} from "@walras/controller/intents";
import { errorAt, parseWith } from "@walras/kit";
import { z } from "zod";

const key = z.string().regex(/^[^/\s]+\/[^/\s]+$/, { error: "is not namespace/name" });
const moment = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

const measurement = z.union([
  z.number(),
  z.null(),
  z.strictObject({ value: z.number(), ageSeconds: z.number().min(0).default(0) }),
]);

/** A pod as the knowledge base writes it. */
export const podSchema = z.strictObject({
  availability: z.number().min(0).max(1).default(1),
  nodename: z.string().default(""),
  state: z.string().min(1).default("Running"),
  qosclass: z.string().default(""),
});

const objective = z.strictObject({
  name: z.string().min(1).optional(),
  value: z.number(),
  measuredBy: key,
  tolerance: z.number().min(0).default(0),
});

const history = z.strictObject({
  since: moment,
  grownAt: moment.nullable().default(null),
  shrunkAt: moment.nullable().default(null),
  wishes: z
    .array(
      z.strictObject({
        at: moment,
        pods: z.number().int().min(0),
        cpuMilli: z.number().min(0).nullable().default(null),
      }),
    )
    .default([]),
});

const intent = z.strictObject({
  name: key,
  targetRef: z.strictObject({ kind: z.enum(["Deployment", "ReplicaSet"]).default("Deployment"), name: key }),
  priority: z.number().min(0.01).max(1).default(0.01),
  active: z.boolean().default(true),
  objectives: z.array(objective).min(1).max(5),
  current: z.record(key, measurement).default({}),
  pods: z.record(z.string().min(1), podSchema).default({}),
  resources: z.record(z.string().min(1), z.number().int().min(0)).default({}),
  annotations: z.record(z.string().min(1), z.string()).default({}),
  data: z.record(z.string().min(1), z.record(z.string().min(1), z.number())).default({}),
  history: history.optional(),
});

const profile = z
  .strictObject({ type: z.enum(kpiTypes), minimize: z.boolean().optional() })
  .transform(({ type, minimize }) => ({ type, minimize: minimize ?? (type === "latency" || type === "power") }));

const stateSchema = z.strictObject({
  now: moment.optional(),
  profiles: z.record(key, profile),
  intents: z.array(intent).min(1),
  effects: z.unknown().default([]),
  nodes: z.record(z.string().min(1), z.strictObject({ freeMilli: z.number() })).default({}),
  actuators: z.unknown().default({}),
});

type RawIntent = z.output<typeof intent>;

export interface StateOptions {
  readonly file: string;
  readonly nowMs: number;
  readonly staleAfterSeconds: number;
  readonly lookBackMinutes: number;
}

/** What a state file says of the plugins' configurations; checked where these are read. */
export function actuatorsOf(input: unknown): unknown {
  return typeof input === "object" && input !== null && "actuators" in input ? input.actuators : {};
}

/**
 * Intents, profiles, measurements, pods and effects as somebody describes them.
 *
 * @throws FieldError naming file, field and value
 */
export function readState(input: unknown, options: StateOptions): PlanningSnapshot {
  const { now, profiles, intents, effects, nodes } = parseWith(stateSchema, input, options.file);
  refuseTwins(intents, options.file);
  const known = readEffects(effects, `${options.file}.effects`);
  const nowMs = now ?? options.nowMs;
  return {
    nowMs,
    profiles: new Map(Object.entries(profiles)),
    intents: intents.map((one) => snapshotOf(one, known, { ...options, nowMs })),
    freeMilli: new Map(Object.entries(nodes).map(([name, { freeMilli }]) => [name, freeMilli])),
  };
}

function refuseTwins(intents: readonly RawIntent[], file: string): void {
  const seen = new Set<string>();
  for (const [index, { name, objectives }] of intents.entries()) {
    if (seen.has(name)) throw errorAt(`${file}.intents.${index}.name`, name, "is there twice");
    seen.add(name);
    const measured = objectives.map(({ measuredBy }) => measuredBy);
    const twin = measured.find((one, at) => measured.indexOf(one) !== at);
    if (twin !== undefined) throw errorAt(`${file}.intents.${index}.objectives`, twin, "measures two objectives");
  }
}

function snapshotOf(raw: RawIntent, effects: readonly Effect[], options: StateOptions): IntentSnapshot {
  const { nowMs, lookBackMinutes, file } = options;
  return {
    name: raw.name,
    target: raw.targetRef,
    priority: raw.priority,
    active: raw.active,
    objectives: raw.objectives.map(({ measuredBy, value, tolerance }) => ({
      profile: measuredBy,
      target: value,
      tolerance,
    })),
    measured: new Map(Object.entries(raw.current).map(([name, value]) => [name, measurementOf(value, options)])),
    pods: podsOf(raw.pods),
    resources: new Map(Object.entries(raw.resources)),
    annotations: new Map(Object.entries(raw.annotations)),
    data: new Map(Object.entries(raw.data).map(([name, hosts]) => [name, new Map(Object.entries(hosts))])),
    models: modelsOf(effects, { intent: raw.name, since: { nowMs, lookBackMinutes }, file: `${file}.effects` }),
    history: raw.history === undefined ? null : historyOf(raw.history),
  };
}

function measurementOf(raw: z.output<typeof measurement>, { staleAfterSeconds }: StateOptions): Measurement {
  if (raw === null) return { kind: "missing" };
  if (typeof raw === "number") return { kind: "value", value: raw };
  return raw.ageSeconds > staleAfterSeconds ? { kind: "stale", ...raw } : { kind: "value", value: raw.value };
}

export function podsOf(raw: Readonly<Record<string, z.output<typeof podSchema>>>): IntentSnapshot["pods"] {
  return Object.entries(raw).map(([name, { availability, nodename, state, qosclass }]) => ({
    name,
    availability,
    node: nodename === "" ? null : nodename,
    phase: state,
    qosClass: qosclass,
  }));
}

function historyOf(raw: z.output<typeof history>): IntentSnapshot["history"] {
  const { since, grownAt, shrunkAt, wishes } = raw;
  return {
    sinceMs: since,
    grownAtMs: grownAt,
    shrunkAtMs: shrunkAt,
    wishes: wishes.map(({ at, pods, cpuMilli }) => ({ atMs: at, pods, cpuMilli })),
    moments: [],
  };
}
