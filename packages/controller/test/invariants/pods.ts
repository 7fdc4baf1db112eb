import type { Rng } from "@walras/kit";
import { loadAnnotation } from "@walras/sim";

type Body = Readonly<Record<string, unknown>>;

/** A pod as somebody would write it. */
export interface Template {
  readonly namespace: string;
  /** As of the workload that makes it. */
  readonly workload: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: Body;
}

const managed = { "mbcas.io/managed": "true" };

export function pick<Value>(rng: Rng, values: readonly Value[]): Value {
  return values[Math.floor(rng() * values.length)] as Value;
}

function between(rng: Rng, from: number, to: number): number {
  return Math.round(from + (to - from) * rng());
}

/** What a container does: rests, swings, bursts, or is busy all the time. */
function demand(rng: Rng, milli: number): object {
  const cores = milli / 1000;
  const kinds: readonly object[] = [
    { kind: "constant", cores: cores * (0.1 + 1.4 * rng()) },
    { kind: "wave", low: 0.05 * cores, high: 1.8 * cores, periodSeconds: between(rng, 20, 180), phase: rng() },
    { kind: "bursts", base: 0.1 * cores, peak: 3 * cores, windowSeconds: between(rng, 2, 20), probability: 0.3 },
    { kind: "batch", on: 2 * cores, periodSeconds: between(rng, 10, 90), share: 0.4, phase: rng() },
  ];
  return pick(rng, kinds);
}

interface Made {
  readonly container: Body;
  readonly annotation: readonly [string, string];
}

interface Amounts {
  readonly request: number | null;
  readonly limit: number | null;
  readonly endsAfterSeconds?: number;
}

function made(rng: Rng, name: string, { request, limit, endsAfterSeconds }: Amounts, more: Body = {}): Made {
  const cpu = (milli: number | null): Body => (milli === null ? {} : { cpu: `${milli}m` });
  const resources = {
    requests: { ...cpu(request), memory: "64Mi" },
    limits: { ...cpu(limit), memory: "64Mi" },
  };
  const load = {
    demand: demand(rng, request ?? limit ?? 100),
    parallelism: 2,
    ...(endsAfterSeconds === undefined ? {} : { endsAfterSeconds }),
  };
  return {
    container: { name, image: "local/load:1", resources, ...more },
    annotation: [loadAnnotation(name), JSON.stringify(load)],
  };
}

/** Burstable, of usual proportions. */
function usual(rng: Rng): Amounts {
  const request = between(rng, 5, 60) * 10;
  return { request, limit: Math.round((request * pick(rng, [1.5, 2, 4])) / 10) * 10 };
}

type Maker = (rng: Rng) => {
  readonly containers: readonly Made[];
  readonly init?: readonly Made[];
  readonly spec?: Body;
  readonly annotations?: Readonly<Record<string, string>>;
};

const sidecar = { restartPolicy: "Always" };
const same = (request: number): Amounts => ({ request, limit: request });

/** Every kind of pod that counts otherwise than the others. */
const kinds: Readonly<Record<string, Maker>> = {
  plain: (rng) => ({ containers: [made(rng, "app", usual(rng))] }),
  weighted: (rng) => ({
    containers: [made(rng, "app", usual(rng))],
    annotations: { "mbcas.io/weight": String(between(rng, 1, 8)) },
  }),
  twin: (rng) => ({ containers: [made(rng, "app", usual(rng)), made(rng, "proxy", usual(rng))] }),
  sidecar: (rng) => ({
    containers: [made(rng, "app", usual(rng))],
    init: [made(rng, "mesh", usual(rng), sidecar)],
  }),
  // Its start asks for more than it ever does again, and counts for as long as the pod lives.
  init: (rng) => ({
    containers: [made(rng, "app", usual(rng))],
    init: [made(rng, "migrate", { request: between(rng, 30, 80) * 10, limit: 1_000 })],
  }),
  limitless: (rng) => ({ containers: [made(rng, "app", { request: between(rng, 5, 50) * 10, limit: null })] }),
  guaranteed: (rng) => ({ containers: [made(rng, "app", same(between(rng, 10, 50) * 10))] }),
  tight: (rng) => ({ containers: [made(rng, "app", usual(rng))], annotations: { "mbcas.io/limits": "tight" } }),
  bounded: (rng) => ({
    containers: [made(rng, "app", usual(rng))],
    annotations: { "mbcas.io/max-cpu": "900m", "mbcas.io/min-cpu": "200m" },
  }),
  watched: (rng) => ({ containers: [made(rng, "app", usual(rng))], annotations: { "mbcas.io/mode": "recommend" } }),
  whole: (rng) => ({
    containers: [made(rng, "app", { request: 100, limit: 400 })],
    spec: { resources: { requests: { cpu: `${between(rng, 20, 60) * 10}m`, memory: "128Mi" } } },
  }),
  heavy: (rng) => ({ containers: [made(rng, "app", usual(rng))], spec: { overhead: { cpu: "120m" } } }),
  restarting: (rng) => {
    const resizePolicy = [{ resourceName: "cpu", restartPolicy: "RestartContainer" }];
    return { containers: [made(rng, "app", usual(rng), { resizePolicy })] };
  },
  job: (rng) => ({
    containers: [made(rng, "app", { ...usual(rng), endsAfterSeconds: between(rng, 5, 90) })],
    spec: { restartPolicy: "Never" },
  }),
  bestEffort: (rng) => {
    const { container, annotation } = made(rng, "app", { request: null, limit: null });
    return { containers: [{ container: { ...container, resources: {} }, annotation }] };
  },
};

/** How often a kind comes; one that is not named comes once. */
const often: Readonly<Record<string, number>> = { plain: 6, job: 4, guaranteed: 2, init: 2, sidecar: 2 };
const drawn = Object.keys(kinds).flatMap((kind) => Array.from({ length: often[kind] ?? 1 }, () => kind));

/** shop is opted in as a namespace, team as well and under bounds; in other each pod says for itself, or not. */
export const namespaces = { shop: managed, team: managed, other: {} } as const;

/** A pod of some kind. */
export function template(rng: Rng): Template {
  const kind = pick(rng, drawn);
  const { containers, init = [], spec = {}, annotations = {} } = (kinds[kind] as Maker)(rng);
  const namespace = pick(rng, ["shop", "shop", "team", "other", "other"]);
  const optsIn = namespace === "other" && rng() < 0.6;
  return {
    namespace,
    workload: `${kind}-${between(rng, 1, 4)}`,
    labels: { app: kind, ...(optsIn ? managed : {}) },
    annotations: { ...annotations, ...Object.fromEntries([...containers, ...init].map((one) => one.annotation)) },
    spec: {
      terminationGracePeriodSeconds: 1,
      ...(init.length > 0 ? { initContainers: init.map((one) => one.container) } : {}),
      containers: containers.map((one) => one.container),
      ...spec,
    },
  };
}

export function bodyOf({ namespace, workload, labels, annotations, spec }: Template, number: number): Body {
  const owner = {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    name: workload,
    uid: `uid-${workload}`,
    controller: true,
  };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `${workload}-${number}`,
      namespace,
      labels,
      annotations,
      ownerReferences: [owner],
    },
    spec,
  };
}

/** The same pod, whose containers are always as busy. */
export function steady({ annotations, ...rest }: Template): Template {
  const changed = Object.entries(annotations).map(([key, value]) => {
    if (!key.startsWith(loadAnnotation(""))) return [key, value] as const;
    const load = { parallelism: 2, demand: { kind: "constant", cores: 0.05 } };
    return [key, JSON.stringify(load)] as const;
  });
  return { ...rest, annotations: Object.fromEntries(changed) };
}
