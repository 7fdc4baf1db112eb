import { parseWith } from "@walras/kit";
import { z } from "zod";

import type { CpuModel } from "./cpu.ts";
import type { LoadModel } from "./load.ts";
import type { OptionModel } from "./options.ts";
import type { ReplicaModel } from "./replicas.ts";

const date = z.union([z.string(), z.number()]).transform((value) => new Date(value).getTime());

/** As the knowledge base writes times: text or milliseconds, also within what Mongo exports. */
const moment = z.union([date, z.object({ $date: date }).transform(({ $date }) => $date)]);

const range = z.tuple([z.number(), z.number()]);
const triple = z.tuple([z.number(), z.number(), z.number()]);
const triples = z.union([z.array(triple).min(1), triple.transform((one) => [one])]);
const deviation = z.number().min(0).default(0);

const replicaData = z.object({
  popt: z.tuple([z.number(), z.number(), z.number().positive(), z.number()]),
  throughputScale: range,
  throughputRange: range.optional(),
  replicaRange: range,
  deviation,
});

const cpuData = z
  .object({ popt: triples.optional(), popts: triples.optional(), cpuRange: range.optional(), deviation })
  .refine(({ popt, popts }) => popt !== undefined || popts !== undefined, { path: ["popt"], error: "is missing" });

const atLeastZero = z.number().min(0);

const loadData = z.object({
  popt: z.tuple([atLeastZero, atLeastZero, atLeastZero, atLeastZero]),
  loadRange: range,
  replicaRange: range,
  cpuRange: range,
  mostBusy: atLeastZero,
  relativeDeviation: atLeastZero.default(0),
});

const optionData = z.object({ options: z.record(z.string().min(1), z.number()).default({}) });

const effectSchema = z.object({
  name: z.string().min(1),
  group: z.string().min(1),
  profileName: z.string().min(1),
  static: z.boolean().default(false),
  timestamp: moment.optional(),
  data: z.record(z.string(), z.unknown()),
});

/** One document of the knowledge base's `effects`: what was learnt of one KPI of one intent. */
export type Effect = z.output<typeof effectSchema>;

/** @throws FieldError naming file, field and value */
export function readEffects(input: unknown, file: string): Effect[] {
  return parseWith(z.array(effectSchema), input, file);
}

/** Documents of a group that the prototype does not look for. */
export const loadGroup = "queueing";

/** What is known of one intent's KPIs, by the key of the profile. */
export interface Models {
  readonly replicas: ReadonlyMap<string, ReplicaModel>;
  readonly cpu: ReadonlyMap<string, CpuModel>;
  /** Of load, CPU and replicas together; the prototype has none. */
  readonly load: ReadonlyMap<string, LoadModel>;
  readonly cacheClass: ReadonlyMap<string, OptionModel>;
  readonly power: ReadonlyMap<string, OptionModel>;
}

export interface EffectQuery {
  readonly intent: string;
  /** Models that are neither static nor this young are not believed; null: all are. */
  readonly since: { readonly nowMs: number; readonly lookBackMinutes: number } | null;
  /** Where the effects came from, for complaints. */
  readonly file: string;
}

/**
 * The newest model of each kind. The list is in the order of writing, as the
 * prototype's collection is.
 *
 * @throws FieldError naming file, field and value of a model that cannot be read
 */
export function modelsOf(effects: readonly Effect[], query: EffectQuery): Models {
  const own = effects.filter((effect) => effect.name === query.intent && isBelieved(effect, query.since));
  const newest = <Model>(group: string, read: (effect: Effect, origin: string) => Model): Map<string, Model> =>
    new Map(
      own
        .filter((effect) => effect.group === group)
        .map((effect) => [effect.profileName, read(effect, `${query.file}.${effect.profileName} (${group}).data`)]),
    );
  return {
    replicas: newest("scaling", replicaModel),
    cpu: newest("vertical_scaling", cpuModel),
    load: newest(loadGroup, loadModel),
    cacheClass: newest("rdt", optionModel),
    power: newest("energy", optionModel),
  };
}

function isBelieved({ static: pinned, timestamp }: Effect, since: EffectQuery["since"]): boolean {
  if (pinned || since === null || timestamp === undefined || Number.isNaN(timestamp)) return true;
  return timestamp > since.nowMs - since.lookBackMinutes * 60_000;
}

function replicaModel({ data, static: pinned }: Effect, origin: string): ReplicaModel {
  const {
    popt,
    throughputScale,
    throughputRange,
    replicaRange,
    deviation: spread,
  } = parseWith(replicaData, data, origin);
  return {
    parameters: popt,
    pinned,
    scale: throughputScale,
    replicaRange,
    loadRange: throughputRange ?? null,
    deviation: spread,
  };
}

/** A static model is somebody's word and good everywhere; one that was learnt is good for what it has seen. */
function cpuModel({ data, static: pinned }: Effect, origin: string): CpuModel {
  const { popt, popts, cpuRange, deviation: spread } = parseWith(cpuData, data, origin);
  const parameters = popt ?? popts ?? [];
  return { parameters, pinned, coreRange: pinned ? null : (cpuRange ?? null), deviation: spread };
}

function loadModel({ data, static: pinned }: Effect, origin: string): LoadModel {
  const { popt, cpuRange, ...known } = parseWith(loadData, data, origin);
  return { ...known, parameters: popt, coreRange: cpuRange, pinned };
}

/** What the prototype has learnt of options is a program's memory, which is not read: nothing is known. */
function optionModel({ data }: Effect, origin: string): OptionModel {
  return new Map(Object.entries(parseWith(optionData, data, origin).options));
}
